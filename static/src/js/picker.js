// A search field over records or words: data-url answers JSON [{value, text, detail}] to ?q=.
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";

TomSelect.define("remove_button", removeButton);

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

export function picker(select) {
  const {url, placeholder, create, none} = select.dataset;
  return new TomSelect(select, {
    maxItems: select.multiple ? null : 1,
    plugins: select.multiple ? ["remove_button"] : [],
    create: create !== undefined,
    placeholder: placeholder ?? "",
    maxOptions: 50,
    loadThrottle: 150,
    searchField: url ? [] : ["text"], // the server has chosen and ordered
    sortField: url ? [{field: "$order"}] : undefined,
    shouldLoad: words => words.length > 0,
    load: url ? (words, answer) => ask(url, words, answer) : undefined,
    render: {option: line, no_results: () => `<div class="no-results">${none ?? ""}</div>`},
  });
}
