// select[data-picker], select[data-picker-url] and input[data-words] (words with commas) become a search fields; the code is fetched only where one stands.
import {whenever} from "./page.js";

const PLAIN = ":is(select[data-picker], select[data-picker-url], input[data-words]):not(.tomselected)";
const source = document.querySelector("script[data-picker]")?.dataset.picker;

async function dress(root) {
  const plain = [...root.querySelectorAll(PLAIN)].filter(one => !one.closest("template"));
  if (!plain.length || !source) return;
  const {picker} = await import(source);
  plain.forEach(field => field.tomselect || picker(field));
}

let last = Promise.resolve();
whenever(root => { last = dress(root); });

/** Resolves when the pickers of the part that came last are ready. */
export const dressed = () => last;

// A dialog may bring one: what it needs is fetched while the hand is on its way.
document.addEventListener("pointerover", event => event.target.closest?.("a[data-dialog]") && import(source));
document.addEventListener("cornerstone:added", event => dress(event.target));
