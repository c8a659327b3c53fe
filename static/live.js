// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * Keeps the panels of a page as the server sees them now.
 *
 * The page names a topic (`data-live-topic`) and its panels (`data-live-panel`). Frames arrive by WebSocket, or by
 * GET where sockets are blocked: `{topic, seq, panels: {name: html}, now}`. A panel in which somebody types, or that
 * holds unsent choices, is never replaced under their hands: a button offers the news instead.
 */

const POLL_SECONDS = [8, 12];
const LONGEST_WAIT_SECONDS = 30;
const SLOW_AFTER_SECONDS = 4;
const FRAMES_PER_ANSWER = 4; // the server stops sending after eight frames without a hello
const MAY_NOT_WATCH = 4404;

/** A random number of milliseconds, so that a hall full of phones does not ask all at once. */
const between = ([least, most]) => 1000 * (least + Math.random() * (most - least));

/** How far the server's clock is ahead of ours, in milliseconds; a late frame only makes it look further behind. */
let clockAhead = -Infinity;

class LiveTopic {
  /** @param {HTMLElement} root the element with data-live-topic */
  constructor(root) {
    this.root = root;
    this.topic = root.dataset.liveTopic;
    this.seq = Number(root.dataset.liveSeq);
    this.etag = "";
    this.failures = 0; // of the socket, in a row
    this.unanswered = 0;
    this.held = new Map(); // the newest HTML of panels that must not be replaced yet
    this.shown = new Map(); // the HTML that each panel was last given
    noteServerTime(root.dataset.liveNow);
    for (const event of ["focusout", "reset", "input", "change", "htmx:afterRequest"]) {
      root.addEventListener(event, () => setTimeout(() => this.showHeld()));
    }
    this.connect();
  }

  address(start) {
    return `${start}live/${this.topic}/?language=${encodeURIComponent(this.root.dataset.liveLanguage)}`;
  }

  connect() {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.address(location.origin.replace(/^http/, "ws") + "/ws/"));
    const slow = setTimeout(() => this.fallBack(), 1000 * SLOW_AFTER_SECONDS);
    this.socket = socket;
    socket.onopen = () => {
      clearTimeout(slow);
      clearTimeout(this.poll);
      this.poll = undefined;
      this.failures = this.unanswered = 0;
      this.hello();
      report(this, "connected");
    };
    socket.onmessage = (event) => {
      this.take(JSON.parse(event.data));
      this.unanswered += 1;
      if (this.unanswered >= FRAMES_PER_ANSWER) this.hello();
    };
    socket.onclose = (event) => {
      clearTimeout(slow);
      if (socket !== this.socket) return;
      if (event.code === MAY_NOT_WATCH) return this.end();
      this.failures += 1;
      this.fallBack();
      const longest = Math.min(2 ** this.failures, LONGEST_WAIT_SECONDS);
      this.retry = setTimeout(() => this.connect(), between([longest / 2, longest]));
    };
  }

  /** Say which version we have: the server then sends a newer one, or nothing. */
  hello() {
    this.unanswered = 0;
    this.socket.send(JSON.stringify({ type: "hello", seq: this.seq }));
  }

  /** No socket for now: ask by GET until there is one. */
  fallBack() {
    report(this, navigator.onLine ? "slow" : "offline");
    this.poll ??= setTimeout(() => this.ask(), this.failures > 1 ? between(POLL_SECONDS) : between([0, 2]));
  }

  async ask() {
    this.poll = setTimeout(() => this.ask(), between(POLL_SECONDS));
    try {
      const answer = await fetch(this.address("/"), {
        cache: "no-store",
        headers: this.etag ? { "If-None-Match": this.etag } : {},
        signal: AbortSignal.timeout(20_000),
      });
      if (answer.status === 404) return this.end();
      if (this.poll === undefined) return; // the socket is back and knows better
      if (answer.ok) {
        const frame = await answer.json();
        this.etag = answer.headers.get("ETag");
        this.take(frame);
      }
      report(this, answer.ok || answer.status === 304 ? "slow" : "offline");
    } catch {
      report(this, "offline");
    }
  }

  /** We may not watch any more, or there is nothing left to watch. What is shown stays. */
  end() {
    clearTimeout(this.poll);
    clearTimeout(this.retry);
    this.poll = this.retry = undefined;
    topics.delete(this);
    report();
  }

  /** @param {{seq: number, panels: Object<string, string>, now: string}} frame */
  take(frame) {
    this.seq = frame.seq;
    noteServerTime(frame.now);
    for (const panel of this.root.querySelectorAll("[data-live-panel]")) {
      const html = frame.panels[panel.dataset.livePanel];
      if (html === undefined || html === this.shown.get(panel)) this.held.delete(panel);
      else if (inUse(panel)) this.held.set(panel, html);
      else this.show(panel, html);
    }
    offer();
  }

  /** @param {HTMLElement} panel @param {string} html */
  show(panel, html) {
    this.held.delete(panel);
    this.shown.set(panel, html);
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    for (const field of fresh.content.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
      field.setAttribute("value", this.root.dataset.liveCsrf);
    }
    if (fresh.innerHTML === panel.innerHTML) return;
    const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...panel.querySelectorAll("details[open][id]")].map((each) => each.id);
    panel.replaceChildren(fresh.content);
    for (const id of open) panel.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (focused) panel.querySelector(`#${CSS.escape(focused)}`)?.focus({ preventScroll: true });
    window.htmx?.process(panel);
    announceActivity(panel);
    tick();
  }

  /** Panels that nobody uses any more get what they missed; with `force` the others too. */
  showHeld(force = false) {
    for (const [panel, html] of [...this.held]) {
      if (!panel.isConnected) this.held.delete(panel);
      else if (force || !inUse(panel)) this.show(panel, html);
    }
    offer();
  }
}

/** Whether somebody types in this panel or has made choices that are not sent yet. */
function inUse(panel) {
  const active = document.activeElement;
  const typing = "input:not([type=hidden], [type=submit], [type=button]), textarea, select, [contenteditable]";
  if (active?.matches(typing) && panel.contains(active)) return true;
  return [...panel.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden") return false;
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (field.matches("select")) return [...field.options].some((o) => o.selected !== o.defaultSelected) && !untouched(field);
    return field.value !== field.defaultValue;
  });
}

/** A select without a chosen option shows its first: nobody chose that. */
const untouched = (select) => !select.multiple && select.selectedIndex === 0 && !select.querySelector("option[selected]");

/** A new activity ("A vote is open") is said once to screen readers, politely, and focus stays where it is. */
function announceActivity(panel) {
  const said = document.querySelector("[data-live-announcer]");
  const activity = panel.querySelector("[data-live-activity]")?.textContent.trim();
  if (said && activity && said.textContent !== activity) said.textContent = activity;
}

/** Show the button "New information" while a panel waits for its reader. */
function offer() {
  const waiting = [...topics].some((each) => each.held.size > 0);
  for (const button of document.querySelectorAll("[data-live-offer]")) button.hidden = !waiting;
}

const states = new Map();

/** Show in words how we are connected: the worst of all topics of the page. */
function report(topic, state) {
  if (topic) states.set(topic, state);
  const current = [...states].filter(([each]) => topics.has(each)).map(([, each]) => each);
  const worst = ["offline", "slow", "connected"].find((each) => current.includes(each));
  for (const status of document.querySelectorAll("[data-live-status]")) {
    if (!worst || status.dataset.liveState === worst) continue;
    status.dataset.liveState = worst;
    status.querySelector("[data-live-words]").textContent = status.dataset[worst];
  }
}

function noteServerTime(now) {
  const ahead = Date.parse(now) - Date.now();
  // A clock that was set anew, or a laptop that slept, may be far off what we knew.
  if (ahead > clockAhead || clockAhead - ahead > 60_000) clockAhead = ahead;
}

/** Countdowns: `<time data-deadline datetime="…">` shows minutes and seconds left by the server's clock. */
function tick() {
  for (const time of document.querySelectorAll("time[data-deadline]")) {
    const left = Math.max(0, Math.ceil((Date.parse(time.dateTime) - Date.now() - clockAhead) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
  }
}

const topics = new Set();

function start() {
  for (const root of document.querySelectorAll("[data-live-topic]")) {
    if (![...topics].some((each) => each.root === root)) topics.add(new LiveTopic(root));
  }
}

for (const event of ["online", "offline", "pageshow"]) {
  addEventListener(event, () => {
    for (const topic of topics) {
      if (!navigator.onLine) report(topic, "offline");
      else if (topic.socket.readyState > WebSocket.OPEN) topic.connect();
    }
  });
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-live-offer]")) for (const topic of topics) topic.showHeld(true);
});
document.addEventListener("htmx:load", start);
setInterval(tick, 250);
start();
