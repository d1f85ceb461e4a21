// Passkeys. A form with data-passkey waits hidden; where the browser can, it is shown, asks the browser, and is sent.
// What the browser takes and answers is turned into JSON and back by allauth's own script.
const json = globalThis.webauthnJSON;
let autofill;

const optionsOf = async (form) => {
  if (!form.dataset.options) return JSON.parse(form.querySelector("#passkey-options").textContent);
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (answer.redirected) { location.reload(); await new Promise(() => {}); } // a fresh proof is due first: this page asks
  if (!answer.ok) throw new Error("no challenge");
  return answer.json();
};

const send = (form, credential) => {
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
};

const ask = async (form) => {
  const told = form.querySelector("[data-told]");
  told.textContent = "";
  autofill?.abort();
  try {
    const options = await optionsOf(form);
    send(form, await (form.dataset.passkey === "create" ? json.create(options) : json.get(options)));
  } catch (problem) {
    const known = problem.name === "InvalidStateError" && form.dataset.known;
    told.textContent = known || form.dataset.failed; // cancelled, timed out, or no passkey here: other ways stand below
  }
};

// The browser offers passkeys in the list under the field for the ID, beside saved passwords.
const offer = async (form) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  autofill = new AbortController();
  try {
    const options = await optionsOf(form);
    send(form, await json.get({ ...options, mediation: "conditional", signal: autofill.signal }));
  } catch { /* nobody chose one */ }
};

if (json?.supported()) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); ask(form); });
    if ("autofill" in form.dataset) offer(form);
  }
}
