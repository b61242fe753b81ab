// A file can be dropped on the box around its field. A drop beside it does not take the page away.
const box = event => event.target.closest?.("[data-drop]");
const hasFiles = event => [...(event.dataTransfer?.types ?? [])].includes("Files");
const expected = () => document.querySelector("[data-drop]");

function mark(over) {
  document.querySelectorAll("[data-drop].is-over").forEach(one => one !== over && one.classList.remove("is-over"));
  over?.classList.add("is-over");
}

function take(zone, files) {
  const field = zone.querySelector("input[type=file]");
  if (!files.length || !field || field.disabled) return;
  const one = new DataTransfer();
  one.items.add(files[0]);
  field.files = one.files;
  field.dispatchEvent(new Event("change", {bubbles: true}));
  field.focus();
}

document.addEventListener("dragover", event => {
  if (!hasFiles(event) || !expected()) return;
  event.preventDefault();
  const zone = box(event);
  event.dataTransfer.dropEffect = zone ? "copy" : "none";
  mark(zone);
});

document.addEventListener("dragleave", event => {
  if (!event.relatedTarget) mark(null);
});

document.addEventListener("drop", event => {
  if (!hasFiles(event) || !expected()) return;
  event.preventDefault();
  mark(null);
  const zone = box(event);
  if (zone) take(zone, event.dataTransfer.files);
});

// What was chosen is said: a field that a drop has filled is silent by itself.
document.addEventListener("change", event => {
  const said = box(event)?.querySelector("[data-drop-said]");
  if (said) said.textContent = event.target.files?.[0]?.name ?? "";
});
