// The crew's day without net. What is answered then is kept on the phone and sent when the net is back, in the order it
// was typed. Without this script the page works as any other; nothing here decides anything.
"use strict";

const KEPT = "driftsklar-arbejde";
const note = document.getElementById("uden-net");

function store() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(KEPT, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("svar", { autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function inStore(mode, what) {
  const database = await store();
  return new Promise((done, failed) => {
    const work = database.transaction("svar", mode);
    const asked = what(work.objectStore("svar"));
    work.oncomplete = () => done(asked.result);
    work.onerror = () => failed(work.error);
  });
}

async function waiting() {
  const keys = await inStore("readonly", (kept) => kept.getAllKeys());
  const values = await inStore("readonly", (kept) => kept.getAll());
  return keys.map((key, number) => [key, values[number]]);
}

function line(text) {
  const told = document.createElement("p");
  told.textContent = text;
  note.append(told);
  note.hidden = false;
  return told;
}

async function tell(more) {
  note.replaceChildren();
  note.hidden = true;
  const kept = await waiting();
  const unsent = kept.filter(([, each]) => !each.refused).length;
  if (unsent) line(`${unsent} svar er gemt på telefonen og sendes, når der er net.`);
  for (const [key, each] of kept.filter(([, one]) => one.refused)) {
    const typed = each.fields.filter(([name, value]) => name !== "csrf" && typeof value === "string" && value)
      .map(([, value]) => value).join(", ");
    const told = line(`Et svar blev ikke taget: ${each.refused} Det var: ${typed}. `);
    const away = document.createElement("button");
    away.type = "button";
    away.className = "lille-knap";
    away.textContent = "Slet det fra telefonen";
    away.addEventListener("click", async () => {
      await inStore("readwrite", (store) => store.delete(key));
      await tell();
    });
    told.append(away);
  }
  if (more) line(more);
}

function sentence(page) {
  const fault = new DOMParser().parseFromString(page, "text/html").querySelector("#fejl p");
  return fault ? fault.textContent.trim() : "Det kunne ikke bruges.";
}

async function keep(form, button) {
  const fields = [...new FormData(form, button)];
  await inStore("readwrite", (kept) => kept.add({ action: form.action, fields, at: Date.now() }));
  form.querySelectorAll("button, input, textarea").forEach((each) => { each.disabled = true; });
  await tell();
}

let sending = false;

async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  let sent = 0;
  try {
    const mine = document.querySelector("input[name=csrf]");
    for (const [key, each] of await waiting()) {
      if (each.refused) continue;
      const body = new FormData();
      for (const [name, value] of each.fields) body.append(name, name === "csrf" && mine ? mine.value : value);
      const answer = await fetch(each.action, { method: "POST", body, credentials: "same-origin" });
      if (answer.status === 409 || answer.status === 422) {
        // what somebody typed is never thrown away: it is shown with the reason until they have seen it
        const refused = sentence(await answer.text());
        await inStore("readwrite", (kept) => kept.put({ ...each, refused }, key));
        continue;
      }
      if (!answer.ok) {
        return await tell(`Et svar kunne ikke sendes (${answer.status}). Det er stadig gemt her. Log ind igen, og åbn siden.`);
      }
      await inStore("readwrite", (kept) => kept.delete(key));
      sent += 1;
    }
    if (sent) location.replace(location.pathname + location.search);
    else await tell();
  } catch {
    await tell(); // the net is gone again
  } finally {
    sending = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (navigator.onLine || !form.classList.contains("arbejde")) return;
  event.preventDefault();
  keep(form, event.submitter);
});
addEventListener("online", send);
if ("serviceWorker" in navigator) {
  const own = document.currentScript ? document.currentScript.src : "";
  navigator.serviceWorker.register(own.replace("arbejde.js", "arbejde-uden-net.js"), { scope: new URL("arbejde", own).pathname });
}
tell().then(send);
