// One sprite of the icons that templates and Python name, so that a page asks once and gets no more than it may show.
import {readFileSync, readdirSync} from "node:fs";
import {extname, join} from "node:path";

const SKIPPED = new Set(["node_modules", "static", "staticfiles", "tests", "bench", "docs", "var"]);
const LIBRARY = "node_modules/bootstrap-icons/icons";

function* sources(folder) {
  for (const entry of readdirSync(folder, {withFileTypes: true})) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory()) yield* sources(join(folder, entry.name));
    else if (/\.(html|py)$/.test(entry.name)) yield join(folder, entry.name);
  }
}

// Quoted words in a template's tags, on a line of Python that speaks of an icon, or in a table named …ICONS;
// what else is needed stands in icons.txt.
const SPEAKING = {".html": /{%.*?%}/gs, ".py": /\w*ICONS\b[^{\n]*{[^}]*}|^.*icon.*$/gim};

function namedIn(file) {
  const places = readFileSync(file, "utf8").match(SPEAKING[extname(file)]) ?? [];
  return places.flatMap(place => [...place.matchAll(/["']([a-z0-9-]+)["']/g)].map(found => found[1]));
}

export function iconNames() {
  const known = new Set(readdirSync(LIBRARY).map(file => file.replace(/\.svg$/, "")));
  const listed = readFileSync("static/src/icons.txt", "utf8").split(/\s+/).filter(Boolean);
  const missing = listed.filter(name => !known.has(name));
  if (missing.length) throw new Error(`static/src/icons.txt names no icon: ${missing}`);
  const named = [...sources(".")].flatMap(namedIn);
  return [...new Set([...listed, ...named])].filter(name => known.has(name)).sort();
}

function symbol(name) {
  const svg = readFileSync(`${LIBRARY}/${name}.svg`, "utf8");
  const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 16 16">${inner}</symbol>`;
}

export const sprite = () => `<svg xmlns="http://www.w3.org/2000/svg">${iconNames().map(symbol).join("\n")}</svg>\n`;
