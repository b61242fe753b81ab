// select[data-picker] becomes a search field; its code is fetched only where one stands.
import {whenever} from "./page.js";

const source = document.querySelector("script[data-picker]")?.dataset.picker;

async function dress(root) {
  const plain = [...root.querySelectorAll("select[data-picker]:not(.tomselected)")].filter(one => !one.closest("template"));
  if (!plain.length || !source) return;
  const {picker} = await import(source);
  plain.forEach(select => select.tomselect || picker(select));
}

whenever(dress);
document.addEventListener("cornerstone:added", event => dress(event.target));
