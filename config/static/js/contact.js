// "Contact Us" at the bottom of a page opens the form in a dialog (S3-16): the form of the page that the link leads to,
// sent to the same address. Without script the link leads there. What was typed stays while the dialog is closed.
const dialog = document.getElementById("contact");
const { from, waits, failed, goOn } = dialog.dataset;
const [told, body, heading] = ["[data-told]", "[data-body]", "h2"].map((one) => dialog.querySelector(one));
const paragraph = (...said) => { const made = document.createElement("p"); made.append(...said); return made; };
const say = (...said) => told.replaceChildren(...(said[0] ? [paragraph(...said)] : []));
const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

const show = (page) => {
  const form = page.querySelector("[data-contact-form]");
  if (form) body.replaceChildren(document.importNode(form, true));
  return Boolean(form);
};

const open = async (link) => {
  dialog.showModal();
  heading.focus();
  if (body.querySelector("form")) return;
  say(waits);
  const answer = await fetch(`${from}?page=${encodeURIComponent(location.pathname)}`).catch(() => null);
  if (!answer?.ok || !show(await read(answer))) return location.assign(link.href);
  say();
};

// The page after the form says the number; pages that say nothing of it, such as the one for files, are gone to.
const sent = (page, address) => {
  const said = page.querySelector(".alert--good p");
  if (!said) return location.assign(address);
  const link = document.createElement("a");
  link.href = address;
  link.textContent = goOn;
  body.replaceChildren();
  say(said.textContent.trim(), " ", link);
  heading.focus();
};

const send = async (form, button) => {
  say(waits);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) }).catch(() => null);
  const page = answer?.ok ? await read(answer) : null;
  if (page && answer.redirected) return sent(page, answer.url);
  if (!page || !show(page)) return say(failed);
  say();
  body.querySelector("[data-error-summary]")?.focus();
};

let busy = false;
body.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return; // one press, one request
  busy = true;
  await send(event.target, event.submitter).finally(() => { busy = false; });
});

for (const link of document.querySelectorAll("a[data-contact-us]")) {
  if (link.pathname === location.pathname) continue; // the form is on this page
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}
