// a[data-dialog] opens its page's form over this one; [data-opens] opens a dialog that stands in the page.
// Without JavaScript the link simply goes there.
import {on} from "./page.js";
import {forget, isDirty} from "./guard.js";

const shell = () => document.getElementById("over") ?? build();

function build() {
  const words = document.getElementById("toasts").dataset;
  const dialog = document.createElement("dialog");
  dialog.id = "over";
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "over-title");
  dialog.innerHTML = `<header><h2 id="over-title"></h2><button class="x push" type="button" data-close></button></header>
    <div class="dialog-body" id="over-body"></div>`;
  const cross = dialog.querySelector(".x");
  cross.setAttribute("aria-label", words.close);
  cross.textContent = "✕";
  dialog.addEventListener("cancel", event => leave(event, dialog));
  document.body.append(dialog);
  return dialog;
}

// Esc, the cross and Cancel: with something typed, ask once.
function leave(event, dialog) {
  event.preventDefault();
  if (isDirty(dialog) && !confirm(document.getElementById("toasts").dataset.discard)) return;
  forget(dialog);
  dialog.close();
}

async function open(url, title) {
  const dialog = shell();
  const body = dialog.querySelector("#over-body");
  dialog.querySelector("#over-title").textContent = title;
  body.textContent = "";
  body.setAttribute("aria-busy", "true");
  dialog.showModal();
  await htmx.ajax("GET", url, {target: body, swap: "innerHTML"});
  body.removeAttribute("aria-busy");
  (body.querySelector("[autofocus], .is-invalid") ?? body.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}

on("click", "a[data-dialog]", (event, link) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  if (!window.htmx) return;
  event.preventDefault();
  open(link.getAttribute("href"), link.title || link.textContent.trim());
});
on("click", "[data-opens]", (_event, button) => document.getElementById(button.dataset.opens)?.showModal());
on("click", "dialog [data-close]", (event, button) => leave(event, button.closest("dialog")));
on("click", "dialog", (event, dialog) => {
  if (event.target === dialog && isOutside(event, dialog)) leave(event, dialog);
});
// The server says "HX-Trigger: close-dialog" when the page below needs no new one.
document.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach(dialog => dialog.close()));

function isOutside({clientX: x, clientY: y}, dialog) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
