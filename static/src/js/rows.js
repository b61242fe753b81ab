// Lists by keyboard: j and k walk, Enter opens, x selects; a selection shows the bulk bar.
import {on} from "./page.js";

const ROWS = "[data-rows] tbody tr, table.list tbody tr, .todo, .related li, [data-row-item]";
const linkOf = row => row.querySelector(".name a, a[href]");

export function walk(step) {
  const links = [...document.querySelectorAll(ROWS)].map(linkOf).filter(link => link?.offsetParent);
  const row = document.activeElement?.closest(ROWS);
  const at = row ? links.indexOf(linkOf(row)) : -1;
  const next = links[at < 0 && step < 0 ? links.length - 1 : at + step];
  next?.focus();
  next?.scrollIntoView({block: "nearest"});
}

export function pick() {
  document.activeElement?.closest(ROWS)?.querySelector('.pick input[type="checkbox"]')?.click();
}

const boxesOf = table => [...table.querySelectorAll('tbody .pick input[type="checkbox"]')];

on("change", ".list .pick input", (_event, box) => {
  const table = box.closest("table");
  if (box.closest("thead")) boxesOf(table).forEach(other => { other.checked = box.checked; });
  show(table);
});
on("click", "[data-clear-selection]", () => {
  document.querySelectorAll("table.list").forEach(table => {
    boxesOf(table).forEach(box => { box.checked = false; });
    show(table);
  });
});

function show(table) {
  const boxes = boxesOf(table);
  const chosen = boxes.filter(box => box.checked);
  boxes.forEach(box => box.closest("tr").setAttribute("aria-selected", String(box.checked)));
  const all = table.querySelector("thead .pick input");
  if (all) Object.assign(all, {checked: chosen.length === boxes.length, indeterminate: chosen.length > 0 && chosen.length < boxes.length});
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.classList.toggle("is-on", chosen.length > 0);
  if (!chosen.length) bar.reset();
  bar.querySelector("[data-bulk-count]").textContent = chosen.length;
}
