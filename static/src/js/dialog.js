// a[data-dialog] opens its page's form over this one; [data-opens] opens a dialog that stands in the page.
// Without JavaScript the link simply goes there.
import {on, show} from "./page.js";
import {forget, isDirty} from "./guard.js";

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
  await htmx.ajax("GET", url, {target: body, swap: "innerHTML"});
  body.removeAttribute("aria-busy");
  (body.querySelector("[autofocus], .is-invalid") ?? body.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}

on("click", "a[data-dialog]", (event, link) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  if (!window.htmx || !dialog) return;
  event.preventDefault();
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
