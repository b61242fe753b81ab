// npm run build: our modules and what they stand on become static/build/{app.css, app.js, picker.js, icons.svg}.
import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {context} from "esbuild";
import {followSystem, slim} from "./slim.mjs";
import {sprite} from "./sprite.mjs";

const OUT = "static/build";
const BOOTSTRAP = "bootstrap/dist/css/bootstrap.css";
const theme = {
  name: "theme",
  setup(build) {
    build.onLoad({filter: /\.css$/}, ({path}) => {
      const css = readFileSync(path, "utf8");
      return {contents: path.endsWith(BOOTSTRAP) ? slim(css) : followSystem(css), loader: "css"};
    });
  },
};
const shared = {bundle: true, minify: true, legalComments: "none", logLevel: "warning", target: "es2022"};
const styles = {
  ...shared,
  stdin: {contents: `@import "${BOOTSTRAP}"; @import "./src/css/app.css";`, loader: "css", resolveDir: "static"},
  outfile: `${OUT}/app.css`,
  target: ["chrome111", "firefox115", "safari16.4"],
  plugins: [theme],
};
const scripts = {
  ...shared, entryPoints: ["static/src/js/app.js", "static/src/js/picker.js"], outdir: OUT, format: "esm",
};

function writeSprite() {
  mkdirSync(OUT, {recursive: true});
  writeFileSync(`${OUT}/icons.svg`, sprite());
}

writeSprite();
for (const options of [styles, scripts]) {
  const job = await context(options);
  await job.rebuild();
  if (process.argv.includes("--watch")) await job.watch(); else await job.dispose();
}
