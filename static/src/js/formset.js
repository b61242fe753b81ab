// Several e-mails or phones: lines are added and taken away at once; one of them is the primary.
import {on} from "./page.js";

on("click", "[data-formset] [data-add]", (_event, button) => {
  const formset = button.closest("[data-formset]");
  const total = formset.querySelector('[name$="-TOTAL_FORMS"]');
  const copy = formset.querySelector("template").innerHTML.replaceAll("__prefix__", total.value);
  button.insertAdjacentHTML("beforebegin", copy);
  total.value = Number(total.value) + 1;
  const line = button.previousElementSibling;
  line.querySelector("input:not([type=hidden], [type=checkbox])")?.focus();
  line.dispatchEvent(new CustomEvent("cornerstone:added", {bubbles: true}));
});

// A line that the server does not know yet is emptied, one that it knows is marked; both leave the screen.
on("click", "[data-formset] [data-remove]", (_event, button) => {
  const line = button.closest("[data-row]");
  const mark = line.querySelector('[name$="-DELETE"]');
  line.hidden = true;
  if (mark) mark.checked = true;
  line.closest("form")?.dispatchEvent(new Event("input", {bubbles: true}));
  line.closest("[data-formset]").querySelector("[data-add]").focus();
});

on("change", '[data-formset] [name$="-is_primary"]', (_event, box) => {
  if (!box.checked) return;
  const all = box.closest("[data-formset]").querySelectorAll('[name$="-is_primary"]');
  all.forEach(other => { other.checked = other === box; });
});
