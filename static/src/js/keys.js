// A link, button, field or menu with data-key="c" or "g p" is used by that key; "?" lists them.
import {tinykeys} from "tinykeys";
import {isTyping, isVisible, show, whenever} from "./page.js";
import {pick, walk} from "./rows.js";

const OFF = "cornerstone.single-keys";
let forget = () => {};

const isOff = () => localStorage.getItem(OFF) === "off";
const isBusy = event => isTyping(event.target) || document.querySelector("dialog[open]") || isOff();
const quietly = act => event => {
  if (isBusy(event)) return;
  event.preventDefault();
  act(event);
};

function use(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
    if (element.matches("summary")) element.parentElement.querySelector(".menu-item")?.focus();
  }
}

// What stands in an entry of a list acts on the entry that has the focus, and on no other.
function holders(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(isVisible);
  const entry = document.activeElement?.closest("[data-row-item]");
  return found.filter(element => (element.closest("[data-row-item]") ?? entry) === entry)
    .sort((one, other) => Boolean(entry?.contains(other)) - Boolean(entry?.contains(one)));
}

function bindings() {
  const keys = new Set([...document.querySelectorAll("[data-key]")].map(element => element.dataset.key));
  const own = Object.fromEntries([...keys].map(key => [key, quietly(() => holders(key)[0] && use(holders(key)[0]))]));
  return {
    ...own,
    j: quietly(() => walk(1)), k: quietly(() => walk(-1)), x: quietly(pick),
    "[Shift]+?": quietly(() => list() || show("keys")),
    "$mod+Enter": event => event.target.form?.matches("form[method=post]") && event.target.form.requestSubmit(),
    "$mod+k": event => { event.preventDefault(); show("palette"); },
  };
}

whenever(() => {
  forget();
  forget = tinykeys(window, bindings(), {ignore: event => event.repeat || event.isComposing});
});

// The dialog lists the keys that this page offers.
function list() {
  const home = document.querySelector("[data-keys]");
  home.querySelectorAll("[data-from-page]").forEach(row => row.remove());
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const {key} = element.dataset;
    const where = element.closest("[data-row-item]") ? `${key} of an entry` : key;
    if (seen.has(where) || !isVisible(element)) continue;
    seen.add(where);
    home.append(row(element.title || element.ariaLabel || element.placeholder || element.textContent.trim(), key));
  }
}

function row(words, key) {
  const line = document.createElement("div");
  line.dataset.fromPage = "";
  line.append(Object.assign(document.createElement("dt"), {textContent: words}), document.createElement("dd"));
  line.lastChild.append(...key.split(" ").map(one => Object.assign(document.createElement("kbd"), {textContent: one})));
  return line;
}

const box = document.querySelector("[data-single-keys]");
if (box) {
  box.checked = !isOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
}
