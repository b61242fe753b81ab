// a[data-dialog] opens its page's form over this one; [data-opens] opens a dialog that stands in the page.
// Without JavaScript the link simply goes there.
import {isTyping, isVisible, on, show} from "./page.js";
import {forget, isDirty} from "./guard.js";
import {dressed} from "./pickers.js";

const dialog = document.getElementById("over");
const body = document.getElementById("over-body");

dialog?.addEventListener("cancel", event => leave(event, dialog));

// Esc, the cross and Cancel: with something typed, ask once.
function leave(event, left) {
  event.preventDefault();
  if (isDirty(left) && !confirm(dialog.dataset.discard)) return;
  forget(left);
  left.close();
}

async function open(url, title) {
  document.getElementById("over-title").textContent = title;
  body.textContent = "";
  body.setAttribute("aria-busy", "true");
  dialog.showModal();
  const early = typed(dialog);
  await htmx.ajax("GET", url, {target: body, swap: "innerHTML"});
  await dressed();
  body.removeAttribute("aria-busy");
  const first = firstOf(body);
  body.tabIndex = first ? -1 : 0; // what is only read is scrolled by keys
  if (!isAtWork(body)) (first ?? body).focus();
  enter(early());
}

// Where the work begins: what is wrong, else the first field, but not the record that is chosen already.
function firstOf(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(isVisible);
  const isChosen = field => field.closest(".has-items") || field.matches("[data-picker-url]") && field.value;
  return part.querySelector("[autofocus], .is-invalid") ?? fields.find(field => !isChosen(field));
}

// Whether somebody is in a field of it already: nothing takes them away from there.
const isAtWork = part => part.contains(document.activeElement) && isTyping(document.activeElement);

// Letters typed while the form is on its way are kept for its first field.
function typed(place) {
  let letters = "";
  const keep = event => {
    if (isTyping(event.target) || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    letters += event.key;
  };
  place.addEventListener("keydown", keep);
  return () => {
    place.removeEventListener("keydown", keep);
    return letters;
  };
}

function enter(letters) {
  const field = document.activeElement;
  if (!letters || !field.matches("textarea, input[type=text]")) return;
  field.setRangeText(letters, field.value.length, field.value.length, "end");
  field.dispatchEvent(new Event("input", {bubbles: true}));
}

on("click", "a[data-dialog]", (event, link) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  if (!window.htmx || !dialog) return;
  event.preventDefault();
  if (link.pathname === location.pathname) return firstOf(document.getElementById("content"))?.focus(); // here already
  open(link.getAttribute("href"), link.title || link.textContent.trim());
});
on("click", "[data-opens]", (_event, button) => show(button.dataset.opens));
on("click", "dialog [data-close]", (event, button) => leave(event, button.closest("dialog")));
on("click", "dialog", (event, shown) => {
  if (event.target === shown && isOutside(event, shown)) leave(event, shown);
});
// The server says "HX-Trigger: close-dialog" when the page below needs no new one.
document.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach(shown => shown.close()));

function isOutside({clientX: x, clientY: y}, shown) {
  const box = shown.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
