// The address of a filtered list says what was chosen, not what was left open.
document.addEventListener("formdata", event => {
  if (!event.target.matches("form[data-filter]")) return;
  const empty = [...event.formData].filter(([_name, value]) => value === "").map(([name]) => name);
  empty.forEach(name => event.formData.delete(name));
});
