// Bootstrap, cut down to what our pages use: its reset, grid, fields and the utilities named here.
// A class that is missing on a page is added to KEPT, never copied into our own files.
import postcss from "postcss";

const SIDES = "[mp][tbsexy]?-(0|[1-5]|auto)";
const KEPT = new RegExp(`^(${[
  "row", "g[xy]?-[0-5]", "(col|offset)(-(md|lg))?(-auto|-\\d+)?", "btn", "visually-hidden(-focusable)?",
  "form-(control|select|label|text)", "form-check(-input|-label|-inline)?", "input-group(-text)?", "has-validation",
  "is-invalid", "invalid-feedback", "disabled",
  "d-((md|lg)-)?(none|block|inline|inline-block|flex|inline-flex|grid)",
  "flex-(row|column|wrap|nowrap|grow-[01]|shrink-[01]|fill)", "justify-content-(start|end|center|between)",
  "align-(items|self)-(start|end|center|baseline|stretch)", SIDES, "((row|column)-)?gap-[0-5]",
  "fw-(normal|medium|semibold)", "fs-[56]", "text-(start|end|center|wrap|nowrap|break)", "[wh]-(50|100|auto)",
].join("|")})$`);

const classesOf = selector => [...selector.matchAll(/\.([\w-]+)/g)].map(found => found[1]);
const isKept = selector => !selector.includes("data-bs-theme=dark") && classesOf(selector).every(name => KEPT.test(name));

function dropSelectors(rule) {
  if (rule.parent.type === "atrule" && rule.parent.name === "keyframes") return;
  const kept = rule.selectors.filter(isKept);
  if (kept.length) rule.selectors = kept; else rule.remove();
}

function dropUnusedVariables(root) {
  const used = new Set([...root.toString().matchAll(/var\((--[\w-]+)/g)].map(found => found[1]));
  let dropped = 0;
  root.walkDecls(/^--bs-/, declaration => {
    if (!used.has(declaration.prop)) { declaration.remove(); dropped += 1; }
  });
  return dropped;
}

function dropEmpty(root) {
  root.walkComments(comment => comment.remove());
  root.walkAtRules("keyframes", rule => rule.remove());
  root.walk(node => { if (node.nodes && !node.nodes.length) node.remove(); });
}

export function slim(css) {
  const root = postcss.parse(css);
  root.walkRules(dropSelectors);
  dropEmpty(root);
  while (dropUnusedVariables(root)) dropEmpty(root);
  // marks inside fields are drawn by our own theme: no picture in a style sheet, so no data: in the policy
  root.walkDecls(declaration => { if (declaration.value.includes("data:image")) declaration.remove(); });
  return root.toString();
}

// What holds for the dark theme holds for "follow the system" when the system is dark.
export function followSystem(css) {
  const root = postcss.parse(css);
  root.walkRules(/data-bs-theme="dark"/, rule => {
    const copy = rule.clone({selectors: rule.selectors.map(one => one.replace('"dark"', '"auto"'))});
    const media = postcss.atRule({name: "media", params: "(prefers-color-scheme: dark)"});
    rule.after(media.append(copy));
  });
  return root.toString();
}
