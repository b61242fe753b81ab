// What was typed is not lost by leaving: forms with data-guard ask first.
const dirty = new Set();
const isLeft = form => !form.isConnected || form.dataset.sent;

export const isDirty = root => [...dirty].some(form => root.contains(form) && !isLeft(form));
export const forget = root => dirty.forEach(form => root.contains(form) && dirty.delete(form));

document.addEventListener("input", event => {
  const form = event.target.closest("form[data-guard]");
  if (form) dirty.add(form);
});
window.addEventListener("beforeunload", event => {
  if (isDirty(document)) event.preventDefault();
});
