// Comforts for forms. Everything works without this file; it only saves steps.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// An error summary takes the focus, so that it is read first.
const summary = document.querySelector("[data-error-summary], .errornote[role=alert], form .errornote");
if (summary) {
  summary.tabIndex = -1; // those that Django's own admin pages draw cannot take it by themselves
  summary.focus();
}

// Show or hide a password; it is hidden again before it is sent.
for (const button of all("button[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? button.dataset.hide : label;
  });
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

// How alike two texts are, from 0 to 1, as the server's check counts it: by the letters that both have.
const alike = (one, other) => {
  const left = [...other];
  const both = [...one].filter((letter) => left.includes(letter) && left.splice(left.indexOf(letter), 1)).length;
  return one.length + other.length ? (2 * both) / (one.length + other.length) : 1;
};
const isLikeAnother = (input) => {
  const typed = input.value.toLowerCase();
  const others = ["first_name", "last_name", "email", "login_name", "username"].map((name) => input.form.elements[name]?.value.toLowerCase() ?? "");
  return others.flatMap((value) => [value, ...value.split(/[^\p{L}\p{N}_]+/u)]).some((part) => part && typed.length < 10 * part.length && alike(typed, part) >= 0.7);
};

// Live rules: each says in words whether it is met. What only the server can look up is said by it.
for (const list of all("ul[data-rules-for]")) {
  const input = document.getElementById(list.dataset.rulesFor);
  const check = () => {
    for (const item of list.children) {
      if (!("rule" in item.dataset || "unlike" in item.dataset)) continue;
      const hit = "unlike" in item.dataset ? !isLikeAnother(input) : new RegExp(item.dataset.rule, "u").test(input.value);
      const met = hit !== ("forbidden" in item.dataset);
      item.dataset.state = input.value ? (met ? "ok" : "no") : "";
      item.querySelector("[data-told]").textContent = input.value ? (met ? list.dataset.ok : list.dataset.no) : "";
    }
  };
  input.addEventListener("input", check);
  if (list.querySelector("[data-unlike]")) input.form.addEventListener("change", check);
  check();
}

// Rows that can be added: the same button works without script by sending the form.
for (const rows of all("[data-rows]")) {
  const total = rows.querySelector(`[name="${rows.dataset.rows}-TOTAL_FORMS"]`);
  const template = rows.querySelector("template");
  const button = rows.querySelector("[name=add_row]");
  const told = rows.querySelector("[role=status]");
  const most = Number(rows.dataset.most);
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    if (number >= most) return;
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number)).replaceAll("__number__", String(number + 1));
    const row = holder.firstElementChild;
    button.closest("p").before(row);
    total.value = String(number + 1);
    row.querySelector("input, select")?.focus();
    told.textContent = rows.dataset.added.replace("%s", String(number + 1)).replace("%s", String(most));
    if (number + 1 >= most) button.hidden = true;
  });
}

// "I am the user": the name and address that the ID has, where nothing was typed. The server does the same.
for (const form of all("form[data-self]")) {
  form.addEventListener("change", (event) => {
    const { self, selfName, selfEmail, ownName, ownEmail } = form.dataset;
    const box = event.target;
    if (!box.checked || !box.name?.endsWith(self)) return;
    const prefix = box.name.slice(0, -self.length);
    for (const [name, own] of [[selfName, ownName], [selfEmail, ownEmail]]) {
      const input = form.elements[prefix + name];
      if (input && !input.value) input.value = own;
    }
  });
}

// A long form is kept on the server while it is filled in: never in the browser, office PCs are shared.
for (const form of all("form[data-autosave]")) {
  const status = form.querySelector("[data-saved]");
  let timer = 0;
  let dirty = false;
  const save = async () => {
    dirty = false;
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), keepalive: true, redirect: "error" }).catch(() => null);
    if (answer?.ok) form.elements.draft.value = (await answer.json()).draft;
    status.textContent = answer?.ok ? form.dataset.kept.replace("%s", new Date().toLocaleTimeString(document.documentElement.lang, { timeZone: document.documentElement.dataset.zone, timeZoneName: "short", hour: "numeric", minute: "2-digit" })) : form.dataset.lost;
  };
  form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, 1500); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && dirty) save(); });
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
}

// One press, one request.
for (const form of all("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// Menus close with Escape, which leads back to their name, and with a click elsewhere.
const openMenus = () => all("details[name=menu][open]");
document.addEventListener("click", (event) => { for (const menu of openMenus()) if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false; });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Pop-ups: a link that opens a dialog when there is script, and its own page when there is none.
for (const link of all("a[data-opens]")) {
  const dialog = document.getElementById(link.dataset.opens);
  link.addEventListener("click", (event) => { event.preventDefault(); dialog.showModal(); });
}
for (const dialog of all("dialog[data-opens-itself]")) { dialog.open = false; dialog.showModal(); } // without script it stands in the page
for (const button of all("dialog [data-closes]")) button.addEventListener("click", (event) => { event.preventDefault(); button.closest("dialog").close(); });
for (const button of all("button[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }
