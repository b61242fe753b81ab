// A search field over records or words: data-picker-url answers JSON [{value, text, detail}] to ?q=.
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";

TomSelect.define("remove_button", removeButton);

const PLUS = "+&nbsp;";

const line = (item, escape) => {
  const mark = item.initials ? `<span class="avatar ${item.kind === "company" ? "avatar--co" : ""}" aria-hidden="true">${escape(item.initials)}</span>` : "";
  return `<div>${mark}<span><span>${escape(item.text)}</span>${item.detail ? `<span class="small">${escape(item.detail)}</span>` : ""}</span></div>`;
};

async function ask(url, words, answer) {
  try {
    const found = await fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(words)}`, {headers: {Accept: "application/json"}});
    answer(found.ok && !found.redirected ? await found.json() : []);
  } catch {
    answer([]);
  }
}

export function picker(field) {
  const {pickerUrl: url, placeholder, create, none} = field.dataset;
  const isMany = field.multiple || "words" in field.dataset;
  const hadFocus = document.activeElement === field;
  const dressed = new TomSelect(field, {
    maxItems: isMany ? null : 1,
    plugins: isMany ? ["remove_button"] : [],
    create: create !== undefined || "words" in field.dataset,
    createOnBlur: isMany,
    persist: false,
    placeholder: placeholder ?? field.placeholder ?? "",
    hidePlaceholder: true,
    maxOptions: 50,
    openOnFocus: Boolean(url) || field.options?.length < 12, // very many: from the first letter on, or the arrow down
    loadThrottle: 150,
    closeAfterSelect: !isMany,
    searchField: url ? [] : ["text"], // the server has chosen and ordered
    shouldLoad: words => words.length > 0,
    load: url ? function (words, answer) { this.clearOptions(); ask(url, words, answer); } : undefined,
    render: {
      option: line,
      no_results: () => (none ? `<div class="no-results">${none}</div>` : null),
      option_create: (item, escape) => `<div class="create">${PLUS}<b>${escape(item.input)}</b></div>`,
    },
  });
  field.hidden = true; // its label now belongs to the search field, and so does what is wrong with it
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (field.hasAttribute(name)) dressed.control_input.setAttribute(name, field.getAttribute(name));
  }
  if (hadFocus) dressed.control_input.focus(); // at once: its own focus() waits a turn, and keys meanwhile would be shortcuts
}
