// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * A meeting on a phone and in the cockpit. Panels arrive by live.js and are the same for everybody; what is mine
 * (my ballot, my raised hand) is asked for here: once when a vote opens, each phone at its own moment.
 */

const myVote = document.querySelector("[data-mine=vote]");
const myHand = document.querySelector("[data-mine=hand]");
const myPlace = document.querySelector("[data-mine=place]");
const now = document.querySelector("[data-live-panel=now]");
const floor = document.querySelector("[data-live-panel=floor]");

/** Ask for what is mine and show it. */
function fetchMine(place) {
  clearTimeout(retries.get(place)?.timer);
  window.htmx.ajax("GET", place.dataset.url, { source: place, target: place, swap: "innerHTML" }).catch(() => {});
}

/** In a bad network the answer may not come. Nobody may miss a vote because of that: ask again until it does. */
const retries = new Map(); // by place: the timer, and how many seconds it waits
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const place = detail.target;
  if (![myVote, myHand, myPlace].includes(place) || detail.requestConfig.verb !== "get") return;
  const last = retries.get(place);
  clearTimeout(last?.timer);
  retries.delete(place);
  if (detail.successful) return;
  const seconds = Math.min(2 * (last?.seconds ?? 1), 16);
  retries.set(place, { seconds, timer: setTimeout(() => fetchMine(place), 1000 * seconds * (0.5 + Math.random())) });
});
addEventListener("online", () => [...retries.keys()].forEach(fetchMine));

/** The second half of a double click is not meant for the button that has just taken the place of the first. */
document.addEventListener(
  "click",
  (event) => {
    if (event.detail > 1 && event.target.closest("#desk button, #my-hand button")) event.preventDefault();
  },
  { capture: true },
);

/** The vote on the floor opened, closed or went: bring my ballot paper, or take it away. */
function followVote() {
  const vote = now.querySelector("[data-vote]");
  const open = vote?.dataset.open ? vote.dataset.vote : "";
  document.body.dataset.paper = open ? vote.dataset.paper : "";
  followTie();
  if (myVote.dataset.poll === open) return;
  const last = myVote.dataset.poll;
  myVote.dataset.poll = open;
  if (open) {
    setTimeout(() => myVote.dataset.poll === open && fetchMine(myVote), Math.random() * Number(vote.dataset.spread));
  } else if (last) {
    clearTimeout(retries.get(myVote)?.timer);
    putAway();
  }
}

/** A tie waits for the chair: each phone asks once whether it is the chair's. */
function followTie() {
  const tie = now.querySelector("[data-tie]")?.dataset.tie ?? "";
  if (tie === (myVote.dataset.tie ?? "")) return;
  myVote.dataset.tie = tie;
  const spread = Number(now.querySelector("[data-spread]")?.dataset.spread ?? 0);
  setTimeout(() => fetchMine(myVote), Math.random() * spread);
}

/** The vote is over: paper and receipt go, and a choice that was never sent, or was refused, is said not to count. */
function putAway() {
  if (waiting?.form.isConnected) return; // it is on its way: the answer to it says whether it counts
  const refused = myVote.querySelector("#ballot-refusals");
  const chosen = [...myVote.querySelectorAll("#ballot :is(input, select, textarea)[name]:not([type=hidden])")].some((field) =>
    field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== (field.defaultValue ?? ""),
  );
  myVote.replaceChildren();
  if (refused || chosen) sayInRed(myVote, myVote.dataset.late);
}

/** The ballot that was submitted and has no answer yet. It is sent again by itself; its key makes that one ballot. */
let waiting = null; // {form, choices, timer, seconds}

const choicesIn = (form) => new URLSearchParams(new FormData(form)).toString();

function stopWaiting() {
  clearTimeout(waiting?.timer);
  waiting?.form.querySelector("[data-no-answer]")?.remove();
  waiting = null;
}

/** Say in the place, in red and to screen readers, what did not work. */
function sayInRed(place, text, before = null) {
  place.querySelector("[data-no-answer]")?.remove();
  const notice = Object.assign(document.createElement("p"), { className: "notice stop", textContent: text });
  notice.dataset.noAnswer = "";
  notice.setAttribute("role", "alert");
  if (before) before.before(notice);
  else place.append(notice);
}

function sayWaiting(form) {
  if (!form.querySelector("[data-no-answer]")) sayInRed(form, myVote.dataset.waiting, form.querySelector("button[type=submit]"));
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const form = detail.elt;
  if (form.id !== "ballot" || detail.requestConfig.verb !== "post") return;
  clearTimeout(waiting?.timer);
  waiting = { form, choices: choicesIn(form), seconds: waiting?.seconds ?? 2, timer: setTimeout(() => sayWaiting(form), 4000) };
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb !== "post") return;
  const { status } = detail.xhr;
  const form = detail.requestConfig.elt;
  const isBallot = waiting?.form === form;
  const answered = detail.successful || status === 409 || status === 422;
  if (answered || (isBallot && status >= 400 && status < 500)) {
    if (isBallot) stopWaiting();
    if (isBallot && status === 409 && !myVote.dataset.poll) {
      myVote.replaceChildren();
      sayInRed(myVote, myVote.dataset.late);
    }
    if (answered) return;
  }
  if (isBallot && waiting) {
    clearTimeout(waiting.timer);
    const { seconds } = waiting;
    waiting.seconds = Math.min(2 * seconds, 20);
    waiting.timer = setTimeout(sendAgain, 1000 * seconds);
    sayWaiting(form);
  } else {
    const place = form.closest("[data-no-answer-text]");
    if (place) sayInRed(place, place.dataset.noAnswerText, place.firstChild);
  }
});

function sendAgain() {
  if (waiting?.form.isConnected) waiting.form.requestSubmit();
  else stopWaiting();
}
addEventListener("online", () => waiting && sendAgain());

/** Who chooses anew while the ballot waits must submit anew: nothing is sent that was not submitted. */
for (const kind of ["change", "click"]) {
  document.addEventListener(kind, () => waiting && choicesIn(waiting.form) !== waiting.choices && stopWaiting());
}

/** My places in the queue; when I am called, or my hand was taken down with the item, ask what is true now. */
function followHand() {
  const rows = [...floor.querySelectorAll("[data-entry]")];
  const mine = [...myHand.querySelectorAll("[data-my-entry]")];
  for (const row of rows) row.classList.toggle("mine", mine.some((each) => each.dataset.myEntry === row.dataset.entry));
  let place = "";
  let isOld = false;
  for (const each of mine) {
    const row = rows.find((one) => one.dataset.entry === each.dataset.myEntry);
    if (row?.dataset.state !== each.dataset.myState) isOld = true;
    const shown = each.querySelector("[data-my-place]");
    if (!shown || !row?.dataset.place) continue;
    if (shown.textContent !== row.dataset.place) shown.textContent = row.dataset.place;
    const reason = each.querySelector("[data-my-reason]");
    const why = row.querySelector("[data-reason]")?.textContent ?? "";
    if (reason && reason.textContent !== why) reason.textContent = why;
    place ||= row.dataset.place;
  }
  sayPlace(place);
  if (isOld) fetchMine(myHand);
}

/** A new place in the queue is said politely, and no more often than every 20 seconds: the newest one then. */
const PLACE_SECONDS = 20;
let lastPlace = { place: "", said: 0, timer: 0 };
function sayPlace(place) {
  if (place === lastPlace.place) return;
  const isNews = place && lastPlace.place;
  lastPlace.place = place;
  clearTimeout(lastPlace.timer);
  if (!isNews) return;
  const wait = Math.max(0, lastPlace.said + 1000 * PLACE_SECONDS - Date.now());
  lastPlace.timer = setTimeout(() => {
    const region = document.querySelector("[data-live-announcer]");
    lastPlace.said = Date.now();
    if (region) region.textContent = myHand.dataset.placeText.replace("%s", lastPlace.place);
  }, wait);
}

/** The list of speakers opens or closes: what I may ask for changes. An answer needs a speech. */
let queue = floor?.querySelector("[data-queue]")?.dataset.queue;
function followQueue() {
  const mark = floor.querySelector("[data-queue]");
  if (!mark) return;
  myHand.querySelector("[data-answer]")?.toggleAttribute("hidden", !mark.dataset.speech);
  if (mark.dataset.queue === queue) return;
  queue = mark.dataset.queue;
  setTimeout(() => myHand.contains(document.activeElement) || fetchMine(myHand), Math.random() * Number(mark.dataset.spread));
}

/** Hands go up while the meeting is in session: when that begins or ends, the button comes or goes. */
let session = now?.querySelector("[data-session]")?.dataset.session;
function followSession() {
  const mark = now.querySelector("[data-session]");
  if (!mark || mark.dataset.session === session) return;
  session = mark.dataset.session;
  for (const place of [myHand, myPlace]) setTimeout(() => place && fetchMine(place), Math.random() * Number(mark.dataset.spread));
  document.querySelector("[data-leave]")?.toggleAttribute("hidden", session === "adjourned");
}

/** Call this whenever the children of an element changed. */
function whenChanged(element, act) {
  new MutationObserver(act).observe(element, { childList: true });
}

/** Who steers by keyboard goes on from the middle of the desk after each act, or from what was refused. */
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id !== "desk" || document.activeElement !== document.body) return;
  (detail.target.querySelector("[data-focus]") ?? detail.target.querySelector(".now"))?.focus();
});

/** Who has voted sees that it is counted: the receipt is taller than the ballot's end, where the finger was. */
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig?.elt.id !== "ballot") return;
  const receipt = myVote?.querySelector("[data-counted]");
  receipt?.focus({ preventScroll: true });
  receipt?.scrollIntoView({ block: "start" });
});

if (myHand && now) whenChanged(now, followSession);
if (myVote && now) {
  whenChanged(now, followVote);
  followVote();
}
if (myHand && floor) {
  whenChanged(floor, () => {
    followHand();
    followQueue();
  });
  whenChanged(myHand, followHand);
  followHand();
}

/** The clock on the wall. */
function tick() {
  const moment = new Date();
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const written = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone };
    clock.textContent = moment.toLocaleTimeString(document.documentElement.lang, written);
  }
}
if (document.querySelector("[data-clock]")) {
  setInterval(tick, 1000);
  tick();
}

/** When the ten seconds before a vote closes are over, the cockpit says so to the server; the worker does the same. */
if (document.getElementById("desk")) {
  setInterval(() => {
    for (const form of document.querySelectorAll("form[data-press-at]:not([data-pressed])")) {
      const shown = document.querySelector("#now time[data-deadline]");
      if (shown?.textContent !== "0:00") continue;
      form.dataset.pressed = "";
      setTimeout(() => form.isConnected && form.requestSubmit(), 500 + 1000 * Math.random());
    }
  }, 500);
}
