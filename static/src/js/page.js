// What the modules share: listening on the whole page, so that parts swapped in later need no wiring.

export const on = (type, selector, act, options) =>
  document.addEventListener(type, event => {
    const found = event.target.closest?.(selector);
    if (found) act(event, found);
  }, options);

// Runs now and for every part that htmx puts in.
export function whenever(act) {
  act(document.body);
  document.addEventListener("htmx:after:swap", () => act(document.body));
}

export function show(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.dispatchEvent(new Event("cornerstone:open"));
  dialog.showModal();
}

export const isVisible = element => element.checkVisibility?.() ?? Boolean(element.offsetParent);

export const isTyping = target =>
  target.isContentEditable || (target.matches?.("input, textarea, select") && !/^(checkbox|radio|button|submit)$/.test(target.type));
