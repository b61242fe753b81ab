// Light or dark at once; the account remembers it.
import {on} from "./page.js";

on("submit", "form[data-theme-switch]", async (event, form) => {
  event.preventDefault();
  const {value} = event.submitter;
  const body = new FormData(form, event.submitter);
  document.documentElement.dataset.bsTheme = value;
  const answer = await fetch(form.action, {method: "POST", body, redirect: "manual"});
  if (answer.status >= 400) form.submit();
});
