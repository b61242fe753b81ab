// Menus are details elements: Esc, a choice or a click elsewhere closes them, arrows walk through them.
import {on} from "./page.js";

const OPEN = "details.menu[open], .tabbar details[open]";
const close = (menu, focus) => {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
};

document.addEventListener("click", event => {
  document.querySelectorAll(OPEN).forEach(menu => {
    const isInside = menu.contains(event.target);
    if (!isInside || event.target.closest("a.menu-item, button.menu-item")) close(menu);
  });
});

on("keydown", OPEN, (event, menu) => {
  if (event.key === "Escape") {
    event.stopPropagation();
    close(menu, true);
  }
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (step && !event.target.matches("input, select, textarea")) walk(event, menu, step);
});

function walk(event, menu, step) {
  const items = [...menu.querySelectorAll(".menu-item")].filter(item => item.offsetParent);
  const at = items.indexOf(document.activeElement);
  event.preventDefault();
  items.at((at + step + (at < 0 && step < 0 ? 1 : 0)) % items.length)?.focus();
}

// An open menu stays inside the window.
document.addEventListener("toggle", event => {
  const list = event.target.open && event.target.querySelector?.(":scope > .menu-list");
  if (!list) return;
  const {left, right} = list.getBoundingClientRect();
  if (right > innerWidth - 8) event.target.classList.add("menu--end");
  if (left < 8) event.target.classList.remove("menu--end");
}, {capture: true});
