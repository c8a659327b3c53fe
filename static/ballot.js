// SPDX-License-Identifier: AGPL-3.0-or-later
// The budget ballot on this device: counts and sums as one chooses, and keeps what is not submitted yet.
// The ticks of the plain form stay the truth; without this file everything can still be sent.

const NO_BREAK_SPACE = "\u00a0";
const STATUS_AFTER = 700; // milliseconds without another change

// Apart for each person: on a shared device nobody finds, or sends, what somebody else began.
const storageKey = (poll) => `ballot/${document.body.dataset.person}/${poll}`;

function read(poll) {
  try {
    return JSON.parse(localStorage.getItem(storageKey(poll)));
  } catch {
    return null;
  }
}

function keep(poll, ballot) {
  try {
    localStorage.setItem(storageKey(poll), JSON.stringify(ballot));
    return true;
  } catch {
    return false; // private window or full: the page itself still holds the choices
  }
}

function forget(poll) {
  try {
    localStorage.removeItem(storageKey(poll));
  } catch {
    // nothing was kept
  }
}

/** A random key in 24 letters. It works without a secure context, where crypto.randomUUID does not exist. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Minor units as the server writes them, by the pattern that it sends. */
function money(minor, { pattern, decimals, point }) {
  const unit = 10 ** Number(decimals);
  const whole = Math.floor(minor / unit);
  const cents = minor % unit;
  let figure = String(whole).replace(/\B(?=(\d{3})+$)/g, NO_BREAK_SPACE);
  if (cents) figure += point + String(cents).padStart(Number(decimals), "0");
  return pattern.replace("{n}", figure);
}

function enhance(form) {
  const poll = form.dataset.budgetBallot;
  const key = form.elements.key;
  const picks = [...form.querySelectorAll("input[name=options]")];
  const bar = form.querySelector("[data-standing]");
  const texts = bar.dataset;
  const figure = form.querySelector("[data-figure]");
  const beside = form.querySelector("[data-beside]");
  const meter = form.querySelector("[data-meter]");
  const status = form.querySelector("[data-status]");
  const saved = form.querySelector("[data-saved]");
  const limit = Number(form.dataset.limit) || null;
  const budget = Number(form.dataset.money) || null;
  let speaking;

  const chosen = () => picks.filter((pick) => pick.checked);
  const cost = () => chosen().reduce((sum, pick) => sum + Number(pick.dataset.cost), 0);

  function restore() {
    const stored = read(poll);
    if (!stored || form.querySelector("#ballot-refusals")) return;
    if (form.dataset.cast && new Date(stored.at) <= new Date(form.dataset.cast)) return forget(poll);
    for (const pick of picks) pick.checked = stored.options.includes(pick.value);
    key.value = stored.key;
    showSaved(stored.at);
  }

  function showSaved(at) {
    saved.textContent = saved.dataset.text.replace("{time}", clock(new Date(at)));
  }

  /** Why this one cannot be added now, or nothing. */
  function refusal(pick) {
    if (pick.checked || pick.type === "radio") return "";
    if (limit && chosen().length >= limit) return texts.full;
    const missing = budget ? cost() + Number(pick.dataset.cost) - budget : 0;
    return missing > 0 ? texts.dear.replace("{missing}", money(missing, texts)) : "";
  }

  function show() {
    const count = chosen().length;
    for (const pick of picks) {
      const why = refusal(pick);
      const card = pick.closest(".choice");
      card.classList.toggle("chosen", pick.checked);
      card.classList.toggle("dear", Boolean(why));
      if (why) pick.setAttribute("aria-disabled", "true");
      else pick.removeAttribute("aria-disabled");
      pick.closest(".pick").querySelector(".add").textContent = why || pick.dataset.add;
    }
    const words = texts.count.replace("{n}", String(count));
    const together = texts.costText.replace("{cost}", money(cost(), texts));
    figure.textContent = budget ? texts.left.replace("{left}", money(budget - cost(), texts)) : words;
    beside.textContent = budget ? words : together;
    bar.hidden = false;
    meter.hidden = !(budget || limit);
    meter.max = budget || limit || 1;
    meter.value = budget ? cost() : count;
  }

  function say(text) {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      status.textContent = `${text} ${figure.textContent}.`;
    }, STATUS_AFTER);
  }

  for (const pick of picks) {
    pick.dataset.add = pick.closest(".pick").querySelector(".add").textContent;
    pick.addEventListener("click", (event) => {
      const adding = pick.checked;
      pick.checked = false;
      const why = adding ? refusal(pick) : "";
      pick.checked = adding;
      if (!why) return;
      event.preventDefault();
      say(why);
    });
    pick.addEventListener("change", () => {
      key.value = newKey(); // another choice is another ballot: the old key would only bring the old receipt back
      const at = new Date().toISOString();
      if (keep(poll, { options: chosen().map((one) => one.value), key: key.value, at })) showSaved(at);
      show();
      say((pick.checked ? texts.added : texts.removed).replace("{title}", pick.dataset.title));
    });
  }
  restore();
  show();
}

/** On other pages: say that a ballot waits on this device, and that it is not counted. */
function tellOfUnsent(slip) {
  const stored = read(slip.dataset.unsentBallot);
  if (!stored || !stored.options.length) return;
  const many = stored.options.length;
  slip.querySelector("h2").textContent = (many === 1 ? slip.dataset.one : slip.dataset.more).replace("{n}", String(many));
  slip.querySelector("p").textContent = slip.dataset.saved.replace("{time}", clock(new Date(stored.at)));
  slip.classList.add("lapped");
  slip.hidden = false;
  const link = document.querySelector(`[data-ballot-link="${slip.dataset.unsentBallot}"] > span`);
  if (link) link.textContent = link.parentElement.dataset.continue;
}

function begin() {
  document.querySelectorAll("[data-budget-ballot]").forEach(enhance);
  document.querySelectorAll("[data-unsent-ballot]").forEach(tellOfUnsent);
  document.querySelectorAll("[data-counted]").forEach((panel) => forget(panel.dataset.counted));
}

begin();
