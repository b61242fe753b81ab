// What is typed into a template is shown as it will arrive, a moment after the last key.
import {on} from "./page.js";

const PAUSE = 500; // ms
const waiting = new WeakMap();

on("input", "form", (_event, form) => {
  const button = form.querySelector("[data-preview]");
  if (!button) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(button), PAUSE));
});
