// Messages leave by themselves after a while; pointing at one keeps it.
import {isTyping, on, whenever} from "./page.js";

const STAY = 6000, STAY_WITH_UNDO = 10000; // milliseconds
const home = document.getElementById("toasts");
const timers = new WeakMap();

const stop = note => clearTimeout(timers.get(note));

function start(note) {
  stop(note); // left by the pointer and by the focus, it has one time to go by
  timers.set(note, setTimeout(() => note.remove(), note.querySelector("form") ? STAY_WITH_UNDO : STAY));
}

function watch(note) {
  if (timers.has(note)) return;
  start(note);
  for (const type of ["pointerenter", "focusin"]) note.addEventListener(type, () => stop(note));
  for (const type of ["pointerleave", "focusout"]) note.addEventListener(type, () => start(note));
}

whenever(body => body.querySelectorAll("[data-toast]").forEach(watch));
on("click", "[data-dismiss]", (_event, button) => button.closest("[data-toast]").remove());

// Ctrl+Z outside fields takes the newest act back, as long as its message stands there.
document.addEventListener("keydown", event => {
  const asked = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!asked || event.repeat || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const newest = [...document.querySelectorAll("[data-toast] form[data-undo]")].at(-1);
  if (!newest) return;
  event.preventDefault();
  newest.requestSubmit();
});

document.addEventListener("cornerstone:say", ({detail}) => {
  if (!home) return;
  const note = document.createElement("div");
  note.className = `toast-note${detail.bad ? " toast-note--bad" : ""}`;
  note.dataset.toast = "";
  note.append(Object.assign(document.createElement("p"), {textContent: detail.text}));
  home.append(note);
  watch(note);
});
