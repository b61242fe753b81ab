// Likely duplicates while a form is filled in: [data-likely] names the fields; asked after a pause, when one has changed.
// A question takes back the one before it, so that no older answer stands over a newer one.
import {whenever} from "./page.js";

const PAUSE = 400; // milliseconds
const asked = new WeakMap(), waiting = new WeakMap(), underWay = new WeakMap();
let last, pressed;

const placeOf = target => target.closest?.("form")?.querySelector("[data-likely]");
const isTold = (field, names) => names.some(name => (name.endsWith("-") ? field.name.startsWith(name) : field.name === name));
const isFilled = field => field.type !== "hidden" && (field.type === "checkbox" ? field.checked : field.value);

function typed(place) {
  const names = place.dataset.likely.split(" ");
  return [...place.closest("form").elements].filter(field => isTold(field, names) && isFilled(field)).map(field => `${field.name}=${field.value}`).join("\n");
}

function ask(place, anew) {
  if (!place.isConnected || (typed(place) === asked.get(place) && !anew)) return;
  asked.set(place, typed(place));
  underWay.get(place)?.abort();
  const question = new AbortController();
  underWay.set(place, question);
  answer(place, question.signal).catch(() => {}); // taken back, or no network: what stands there stays
}

async function answer(place, signal) {
  const body = new FormData(place.closest("form"));
  const found = await fetch(place.dataset.likelyAt, {method: "POST", body, signal});
  if (!found.ok || found.redirected) return;
  const part = await found.text();
  if (signal.aborted) return;
  place.innerHTML = part;
  uncover();
  resume(place);
}

function soon(place) {
  clearTimeout(waiting.get(place));
  waiting.set(place, setTimeout(ask, PAUSE, place));
}

// What is ticked in the hint is an answer: it is put away at once, and the work goes on where it was.
function answered(place) {
  clearTimeout(waiting.get(place));
  pressed = place;
  ask(place, true);
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, event => {
    const place = placeOf(event.target);
    if (!place) return;
    if (!place.contains(event.target)) soon(place);
    else if (type === "change") answered(place);
  });
}

document.addEventListener("focusin", event => {
  const place = placeOf(event.target);
  if (place && !place.contains(event.target) && event.target.matches("input, select, textarea")) last = event.target;
});

// The field one types in is never covered by what was found.
function uncover() {
  const field = document.activeElement, place = placeOf(field);
  if (!place?.childElementCount || place.contains(field)) return;
  if (field.getBoundingClientRect().bottom > place.getBoundingClientRect().top) field.scrollIntoView({block: "nearest"});
}

function resume(place) {
  if (pressed !== place) return;
  pressed = undefined;
  if (document.activeElement && document.activeElement !== document.body) return;
  const before = last?.isConnected ? last : place.closest("form").querySelector("[data-submit]");
  (place.querySelector("a, input:not([type=hidden])") ?? before).focus();
}

whenever(root => {
  for (const place of root.querySelectorAll("[data-likely]")) {
    if (asked.has(place)) continue;
    const isPrefilled = "fresh" in place.dataset && !place.childElementCount && typed(place);
    if (isPrefilled) soon(place);
    else asked.set(place, typed(place));
  }
});
