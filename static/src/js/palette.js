// Ctrl-K: the page's own links at once, records from the server as one types.
import {isVisible} from "./page.js";

const DO = ".topbar a[data-key], .topbar .menu a.menu-item:not(.menu--account *)";
const nameOf = link => (link.title || link.textContent).trim();
const PAUSE = 120; // milliseconds between the last letter and the question

class CommandPalette extends HTMLElement {
  connectedCallback() {
    [this.form, this.input, this.list] = ["form", "input", "[role=listbox]"].map(part => this.querySelector(part));
    this.dialog = this.closest("dialog");
    this.input.addEventListener("input", () => this.look());
    this.form.addEventListener("submit", event => this.enter(event));
    this.addEventListener("keydown", event => this.step(event));
    this.dialog.addEventListener("cornerstone:open", () => this.reset());
    this.dialog.addEventListener("click", event => event.target === this.dialog && this.dialog.close());
    this.list.addEventListener("click", event => this.choose(event));
  }

  reset() {
    this.input.value = "";
    this.draw("");
  }

  get options() { return [...this.list.querySelectorAll("[role=option]")]; }
  get current() { return this.list.querySelector("[aria-selected=true]"); }

  // Links of the page itself that hold the words.
  commands(selector, words) {
    const named = [...document.querySelectorAll(selector)].map(link => ({link, name: nameOf(link)}));
    return named.filter(({name}) => name.toLowerCase().includes(words.toLowerCase())).slice(0, 8).map(option);
  }

  group(words, options) {
    if (options.length) this.list.append(heading(words), ...options);
  }

  draw(words, found = "") {
    this.list.innerHTML = found;
    const {go, make} = this.list.dataset;
    this.group(make, this.commands(DO, words));
    this.group(go, this.commands(".rail a.go", words));
    if (words) this.list.append(this.everything(words));
    this.options.forEach((one, number) => { one.id = `palette-${number}`; one.tabIndex = -1; });
    this.mark(this.options[0]);
  }

  everything(words) {
    const all = document.createElement("a");
    all.setAttribute("role", "option");
    all.href = `${this.form.getAttribute("action")}?q=${encodeURIComponent(words)}`;
    all.append(`${this.list.dataset.all} `, Object.assign(document.createElement("b"), {textContent: words}));
    return all;
  }

  mark(one) {
    this.options.forEach(other => other.setAttribute("aria-selected", String(other === one)));
    if (one) this.input.setAttribute("aria-activedescendant", one.id); else this.input.removeAttribute("aria-activedescendant");
    one?.scrollIntoView({block: "nearest"});
  }

  look() {
    clearTimeout(this.timer);
    const words = this.input.value.trim();
    this.waiting = words.length >= 2;
    this.wanted = false;
    if (!this.waiting) return this.draw(words);
    this.timer = setTimeout(() => this.ask(words), PAUSE);
  }

  async ask(words) {
    this.asked?.abort();
    this.asked = new AbortController();
    const url = `${this.form.getAttribute("action")}?q=${encodeURIComponent(words)}&palette=1`;
    try {
      const answer = await fetch(url, {signal: this.asked.signal, headers: {"HX-Request": "true"}});
      const found = answer.ok && !answer.redirected ? await answer.text() : "";
      if (words === this.input.value.trim()) this.arrived(words, found);
    } catch (error) {
      if (error.name !== "AbortError") this.arrived(words);
    }
  }

  arrived(words, found) {
    this.waiting = false;
    this.draw(words, found);
    if (this.wanted) this.current?.click();
  }

  step(event) {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!by) return;
    event.preventDefault();
    const {options} = this;
    this.mark(options[(options.indexOf(this.current) + by + options.length) % options.length]);
  }

  // Enter before the answer is there means the first of what comes.
  enter(event) {
    event.preventDefault();
    if (this.waiting) this.wanted = true; else this.current?.click();
  }

  // A command is its link on the page, so that it opens a dialog where the link does.
  choose(event) {
    const one = event.target.closest("[role=option]");
    if (!one?.stands) return;
    event.preventDefault();
    this.dialog.close();
    one.stands.click();
  }
}

const heading = words => Object.assign(document.createElement("div"), {role: "presentation", textContent: words});

function option({link, name}) {
  const one = document.createElement("a");
  one.setAttribute("role", "option");
  one.href = link.href;
  one.stands = link;
  const icon = link.querySelector("svg")?.cloneNode(true);
  one.append(...[icon, Object.assign(document.createElement("span"), {textContent: name})].filter(Boolean));
  if (link.dataset.key && isVisible(link)) one.append(keyOf(link.dataset.key));
  return one;
}

function keyOf(keys) {
  const home = Object.assign(document.createElement("span"), {className: "detail"});
  home.append(...keys.split(" ").map(key => Object.assign(document.createElement("kbd"), {textContent: key})));
  return home;
}

customElements.define("command-palette", CommandPalette);
