// A form is sent once: a second press while the first is under way does nothing.
import {on} from "./page.js";

on("click", "[data-sets]", (_event, button) => {
  const field = document.getElementById(button.dataset.sets);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  field.focus();
});

const submitOf = form => form.querySelector("[data-submit]");

function release(form) {
  delete form.dataset.sent;
  submitOf(form)?.removeAttribute("aria-busy");
}

document.addEventListener("submit", event => {
  const form = event.target.closest("form[data-once]");
  if (!form || event.submitter?.formTarget) return; // what goes into a frame leaves the form as it is
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
  submitOf(form)?.setAttribute("aria-busy", "true");
}, {capture: true});

const sent = root => root.querySelectorAll?.("form[data-sent]") ?? [];
document.addEventListener("htmx:finally:request", () => sent(document).forEach(release));
window.addEventListener("pageshow", () => sent(document).forEach(release));
