// Warns before a session without activity ends (S3-17). The clock is the server's: tabs only ask it, and tell each
// other. A sleeping laptop or a tab in the background cannot fool it, for every step compares times, not counts.
const dialog = document.querySelector("dialog[data-session]");
const { session, stay, keep, signIn, warns, title } = dialog.dataset;
const countdown = dialog.querySelector("[data-countdown]");
const looseFile = dialog.querySelector("[data-loose-file]");
const spoken = dialog.querySelector("[data-spoken]");
const ownTitle = document.title;
const tabs = new BroadcastChannel("session");
const csrf = () => document.querySelector("#sign-out [name=csrfmiddlewaretoken]").value;
let endsAt = 0;
let lastSpoken = "";
let gone = false;

const open = (left) => {
  endsAt = Date.now() + left * 1000;
  if (left > Number(warns) && dialog.open) dialog.close();
  document.title = ownTitle;
};

const ask = async () => {
  const answer = await fetch(session, { cache: "no-store" }).then((found) => found.json()).catch(() => null);
  if (answer?.state === "signed out") leave(answer.rested);
  else if (answer) open(answer.left);
};

const stays = async () => {
  const asked = { method: "POST", headers: { "X-CSRFToken": csrf() } };
  const answer = await fetch(stay, asked).then((found) => found.json()).catch(() => null);
  if (answer?.state === "signed out") return leave(answer.rested);
  if (!answer) return;
  open(answer.left);
  tabs.postMessage({ left: answer.left });
};

// What is typed in a form without a draft of its own is kept on the server, for the same person only.
const keepForms = async () => {
  for (const form of document.querySelectorAll("main form[method=post]:not([data-autosave]), #contact form[method=post]")) {
    const typed = [...form.elements].some((one) => one.matches("input:not([type=hidden]), select, textarea") && changed(one));
    if (!typed) continue;
    const path = new URL(form.action).pathname + new URL(form.action).search;
    const body = new FormData(form);
    await fetch(`${keep}?path=${encodeURIComponent(path)}`, { method: "POST", headers: { "X-CSRFToken": csrf() }, body }).catch(() => null);
  }
};
const changed = (one) => {
  if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
  if (one.options) return [...one.options].some((option) => option.selected !== option.defaultSelected);
  return one.value !== one.defaultValue;
};

// Only the tab whose question ended the session knows that it had rested; it tells the others. They ask at the same
// moment, and may be answered first: then they wait for its word.
const leave = async (rested) => {
  if (!rested) await new Promise((done) => setTimeout(done, 1000));
  if (gone) return;
  gone = true;
  tabs.postMessage({ ended: true, rested });
  location.assign(`${signIn}?${rested ? "rested=1&" : ""}next=${encodeURIComponent(location.pathname + location.search)}`);
};

const speak = (left) => {
  const mark = left > 30 ? Math.ceil(left / 60) * 60 : left > 10 ? 30 : 10;
  const text = (mark >= 60 ? spoken.dataset.minutes.replace("%s", mark / 60) : spoken.dataset.seconds.replace("%s", mark));
  if (text !== lastSpoken) spoken.textContent = lastSpoken = text;
};

let kept = false;
const tick = async () => {
  const left = Math.round((endsAt - Date.now()) / 1000);
  if (gone || left > Number(warns)) { kept = false; return; }
  if (!dialog.open) {
    await ask(); // another tab may have been used since
    if (gone || (endsAt - Date.now()) / 1000 > Number(warns)) return;
    // A browser keeps no chosen file for another page, and nor do we: it is said while there is time.
    looseFile.hidden = ![...document.querySelectorAll("input[type=file]")].some((one) => one.files.length);
    dialog.showModal();
  }
  const shown = Math.max(0, left);
  countdown.textContent = `${Math.floor(shown / 60)}:${String(shown % 60).padStart(2, "0")}`;
  speak(shown);
  document.title = shown % 2 ? ownTitle : title;
  if (left <= 30 && !kept) { kept = true; await keepForms(); }
  if (left <= 0) await ask();
};

dialog.addEventListener("cancel", (event) => { event.preventDefault(); stays(); }); // Escape means: I am here
dialog.querySelector("[data-stays]").addEventListener("click", stays);
tabs.addEventListener("message", ({ data }) => (data.ended ? leave(data.rested) : open(data.left)));
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
await ask();
tabs.postMessage({ left: (endsAt - Date.now()) / 1000 });
setInterval(tick, 1000);
