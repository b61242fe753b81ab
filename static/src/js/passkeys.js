// Passkeys: a form with data-passkey asks the device, puts what it says into "credential", and is sent.
import {on} from "./page.js";

if (window.PublicKeyCredential) document.documentElement.classList.add("passkeys");

const toBytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
const toText = bytes =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = list => list?.map(each => ({...each, id: toBytes(each.id)}));

function creation({publicKey}) {
  return {publicKey: {
    ...publicKey,
    challenge: toBytes(publicKey.challenge),
    user: {...publicKey.user, id: toBytes(publicKey.user.id)},
    excludeCredentials: withBytes(publicKey.excludeCredentials),
  }};
}

function request({publicKey}) {
  return {publicKey: {
    ...publicKey,
    challenge: toBytes(publicKey.challenge),
    allowCredentials: withBytes(publicKey.allowCredentials),
  }};
}

function told(credential) {
  const {response} = credential;
  const said = {clientDataJSON: toText(response.clientDataJSON)};
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = toText(response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsUrl, {headers: {Accept: "application/json"}, redirect: "error"});
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  return (await answer.json()).request_options;
}

async function ask(form) {
  const options = await optionsOf(form);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create(creation(options))
    : navigator.credentials.get(request(options));
}

on("click", "[data-passkey-go]", async (_event, button) => {
  const form = button.closest("form");
  const error = form.querySelector("[data-passkey-error]");
  error.hidden = true;
  button.disabled = true;
  try {
    form.elements.credential.value = told(await ask(form));
    form.submit();
  } catch (fault) {
    button.disabled = false;
    error.querySelector("p").textContent = fault.name === "InvalidStateError" ? error.dataset.known : error.dataset.failed;
    error.hidden = false;
  }
});

// Enter in the name of a new passkey does what the button does
document.addEventListener("submit", event => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  form.querySelector("[data-passkey-go]").click();
});

window.addEventListener("pageshow", () =>
  document.querySelectorAll("[data-passkey-go]").forEach(button => (button.disabled = false)));
