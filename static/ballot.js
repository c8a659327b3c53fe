// SPDX-License-Identifier: AGPL-3.0-or-later
// Any ballot paper on this device: keeps what is not submitted yet, and the receipt of what was. The plain form stays
// the truth; without this file everything can still be sent.

import { followPicks } from "./picks.js";
import { followPoints } from "./points.js";
import { enhanceRanking } from "./ranking.js";
import { device, tab } from "./storage.js";
import "./tracking.js";

// Apart for each person: on a shared device nobody finds, or sends, what somebody else began.
const mine = (what, poll) => `${what}/${document.body.dataset.person}/${poll}`;

/** A random key in 24 letters. It works without a secure context, where crypto.randomUUID does not exist. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden" && "value" in field && field.type !== "submit");
const isToggle = (field) => field.type === "checkbox" || field.type === "radio";

/** What the voter entered, as pairs of a name and a value. */
function enteredIn(form) {
  const given = fieldsOf(form).filter((field) => (isToggle(field) ? field.checked : true) && field.value !== "");
  return given.map((field) => [field.name, field.value]);
}

function fill(form, entered) {
  for (const field of fieldsOf(form)) {
    const values = entered.filter(([name]) => name === field.name).map(([, value]) => value);
    if (isToggle(field)) field.checked = values.length ? values.includes(field.value) : field.type === "radio" && field.value === "";
    else field.value = values[0] ?? "";
  }
  for (const details of form.querySelectorAll("details:has(:checked)")) details.open = true;
}

function followPaper(form) {
  const poll = form.dataset.ballot;
  const draft = mine("ballot", poll);
  const { key } = form.elements;
  const saved = form.querySelector("[data-saved]");
  const shared = form.querySelector("[data-shared]");
  form.dataset.followed = "yes";
  form.autocomplete = "off"; // or, on the way back, the browser puts in what it remembers over what is kept here

  const showSaved = (at) => {
    saved.textContent = at ? saved.dataset.text.replace("{time}", clock(new Date(at))) : "";
  };

  function restore() {
    const stored = device.read(draft);
    if (!stored?.entered || form.querySelector("#ballot-refusals")) return;
    if (form.dataset.cast && new Date(stored.at) <= new Date(form.dataset.cast)) return device.forget(draft);
    fill(form, stored.entered);
    key.value = stored.key;
    showSaved(stored.at);
  }

  function keep() {
    if (shared.checked) return;
    const at = new Date().toISOString();
    const kept = device.keep(draft, { entered: enteredIn(form), key: key.value, at });
    showSaved(kept && at);
  }

  shared.checked = Boolean(tab.read("shared"));
  if (shared.checked) device.forget(draft);
  else restore();

  form.querySelectorAll("[data-ranking]").forEach(enhanceRanking);
  form.querySelectorAll("[data-points]").forEach((list) => followPoints(form, list));
  followPicks(form);

  form.addEventListener("input", (event) => {
    if (event.target === shared || !event.target.name) return;
    key.value = newKey(); // another choice is another ballot: the old key would only bring the old receipt back
    keep();
  });
  shared.addEventListener("change", () => {
    if (shared.checked) {
      tab.keep("shared", true);
      device.forget(draft);
      showSaved(null);
    } else {
      tab.forget("shared");
      keep();
    }
  });
}

/** The ballot is counted: nothing unsent is left, and the receipt stays on this device unless others use it too. */
function keepReceipt(panel) {
  const poll = panel.dataset.counted;
  const name = mine("receipt", poll);
  device.forget(mine("ballot", poll));
  if (tab.read("shared")) device.forget(name);
  else device.keep(name, { receipt: panel.dataset.receipt, at: new Date().toISOString() });
}

/** On other pages: say that a ballot waits on this device, and that it is not counted. */
function tellOfUnsent(slip) {
  const stored = device.read(mine("ballot", slip.dataset.unsentBallot));
  const many = stored?.entered?.filter(([name]) => name !== "blank").length;
  if (!many) return;
  slip.querySelector("h2").textContent = (many === 1 ? slip.dataset.one : slip.dataset.more).replace("{n}", String(many));
  slip.querySelector("p").textContent = slip.dataset.saved.replace("{time}", clock(new Date(stored.at)));
  slip.classList.add("lapped");
  slip.hidden = false;
  const link = document.querySelector(`[data-ballot-link="${slip.dataset.unsentBallot}"] > span`);
  if (link) link.textContent = link.parentElement.dataset.continue;
}

function begin() {
  document.querySelectorAll("[data-ballot]:not([data-followed])").forEach(followPaper);
  document.querySelectorAll("[data-unsent-ballot]").forEach(tellOfUnsent);
  document.querySelectorAll("[data-counted]").forEach(keepReceipt);
}

document.addEventListener("htmx:load", begin);
begin();
