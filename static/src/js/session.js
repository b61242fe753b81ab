// An answer to htmx that is a whole other page (signed out, an error page) is shown as a page, not inside a part.
document.addEventListener("htmx:before:swap", event => {
  const {ctx} = event.detail;
  const {raw} = ctx?.response ?? {};
  if (!raw) return;
  const isElsewhere = raw.redirected && new URL(raw.url).pathname.startsWith("/accounts/");
  if (isElsewhere) {
    event.preventDefault();
    location.reload();
  } else if (raw.status >= 400 && raw.status !== 422) {
    event.preventDefault();
    tell(raw.status);
  }
});

function tell(status) {
  const words = document.getElementById("toasts").dataset;
  const text = {403: words.forbidden, 404: words.gone, 429: words.slow}[status] ?? words.failed;
  document.dispatchEvent(new CustomEvent("cornerstone:say", {detail: {text, bad: true}}));
}

document.addEventListener("htmx:error", () => {
  if (navigator.onLine) return;
  const {offline} = document.getElementById("toasts").dataset;
  document.dispatchEvent(new CustomEvent("cornerstone:say", {detail: {text: offline, bad: true}}));
});

// A refused form comes back with its reasons: the first faulty field has the focus.
document.addEventListener("htmx:after:swap", ({detail: {ctx}}) => {
  if (ctx?.response?.status !== 422) return;
  document.getElementById(ctx.target.id)?.querySelector("[aria-invalid=true]")?.focus();
});

// Where the site runs with DEBUG, django-htmx keeps back every 4xx; a refused form is a part like any other.
document.addEventListener("DOMContentLoaded", () => {
  if (window.htmx) htmx.config.noSwap = htmx.config.noSwap.filter(status => status !== "4xx");
});
