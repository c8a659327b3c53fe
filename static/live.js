// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * Keeps the panels of a page as the server sees them now.
 *
 * The page names a topic (`data-live-topic`) and its panels (`data-live-panel`). Frames arrive by WebSocket, or by
 * GET where sockets are blocked: `{topic, seq, panels: {name: html}, now}`. A panel in which somebody types, or that
 * holds choices not sent yet, is never replaced under their hands: a button offers the news instead.
 * templates/components/_connection.html has the words and the button.
 */

const POLL_SECONDS = [8, 12];
const DOUBT_SECONDS = [45, 75]; // of silence, after which an open socket is not trusted
const LONGEST_WAIT_SECONDS = 30;
const SLOW_AFTER_SECONDS = 4;
const FRAMES_PER_ANSWER = 4; // the server stops sending after eight frames without a hello
const MAY_NOT_WATCH = 4404;

const topics = new Set();

/** A random number of milliseconds, so that a hall full of phones does not ask all at once. */
const between = ([least, most]) => 1000 * (least + Math.random() * (most - least));

class LiveTopic {
  /** @param {HTMLElement} root the element with data-live-topic */
  constructor(root) {
    this.root = root;
    this.seq = Number(root.dataset.liveSeq);
    this.state = ""; // how we are connected
    this.etag = ""; // of the newest answer to a GET
    this.failures = 0; // of the socket, in a row
    this.unanswered = 0; // frames
    this.heardAt = Date.now();
    this.held = new Map(); // by panel: its newest HTML, which must not be shown yet
    this.shown = new Map(); // by panel: the HTML that it was last given
    noteServerTime(root.dataset.liveNow);
    for (const event of ["focusout", "reset", "input", "change"]) {
      root.addEventListener(event, () => setTimeout(() => this.showHeld()));
    }
    root.addEventListener("htmx:afterSwap", (event) => {
      this.shown.delete(event.target.closest("[data-live-panel]"));
      this.showHeld();
    });
  }

  address(start) {
    return `${start}live/${this.root.dataset.liveTopic}/?language=${encodeURIComponent(this.root.dataset.liveLanguage)}`;
  }

  connect() {
    clearTimeout(this.retry);
    this.socket?.close();
    const socket = (this.socket = new WebSocket(this.address(location.origin.replace(/^http/, "ws") + "/ws/")));
    const slow = setTimeout(() => this.fallBack(), 1000 * SLOW_AFTER_SECONDS);
    socket.onopen = () => {
      clearTimeout(slow);
      this.failures = 0;
      this.listen();
      this.hello();
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
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

  /** The socket tells us everything; only after a long silence we look whether it is still alive. */
  listen() {
    this.report("connected");
    this.askIn(DOUBT_SECONDS);
  }

  /** No socket for now: ask by GET until there is one. */
  fallBack() {
    const soon = this.state === "connected" || this.state === "";
    this.report(navigator.onLine ? "slow" : "offline");
    if (soon) this.askIn([1, 3]);
  }

  askIn(seconds) {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), between(seconds));
  }

  async ask() {
    const quiet = Date.now() - this.heardAt;
    if (this.state === "connected" && quiet < 1000 * DOUBT_SECONDS[0]) return this.listen();
    this.askIn(POLL_SECONDS);
    try {
      const headers = this.etag ? { "If-None-Match": this.etag } : {};
      const answer = await fetch(this.address("/"), { cache: "no-store", headers, signal: AbortSignal.timeout(20_000) });
      if (answer.status === 404) return this.end();
      if (!answer.ok && answer.status !== 304) throw new Error(answer.statusText);
      const frame = answer.ok ? await answer.json() : { seq: this.seq };
      this.etag = answer.headers.get("ETag");
      this.heardAt = Date.now();
      if (this.state !== "connected") this.report("slow");
      else if (frame.seq > this.seq) this.connect(); // the socket is deaf
      else return this.listen();
      if (answer.ok) this.take(frame);
    } catch {
      if (this.state === "connected") this.connect();
      this.report("offline");
    }
  }

  /** We may not watch any more, or there is nothing left to watch. What is shown stays. */
  end() {
    topics.delete(this);
    clearTimeout(this.asking);
    clearTimeout(this.retry);
    this.socket.onclose = null;
    this.socket.close();
    this.report("");
  }

  /** @param {{seq: number, panels: Object<string, string>, now: string}} frame */
  take(frame) {
    this.seq = frame.seq;
    this.heardAt = Date.now();
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
    const tokens = fresh.content.querySelectorAll("input[name=csrfmiddlewaretoken]");
    for (const token of tokens) token.setAttribute("value", this.root.dataset.liveCsrf);
    if (fresh.innerHTML === panel.innerHTML) return;
    const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...panel.querySelectorAll("details[open][id]")].map((each) => each.id);
    panel.replaceChildren(fresh.content);
    for (const id of open) panel.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (focused) panel.querySelector(`#${CSS.escape(focused)}`)?.focus({ preventScroll: true });
    window.htmx?.process(panel);
    sayActivity(panel);
    tick();
  }

  /** Panels that nobody uses any more get what they missed; with `force` the others too. */
  showHeld(force = false) {
    for (const [panel, html] of [...this.held]) {
      if (force || !inUse(panel)) this.show(panel, html);
    }
    offer();
  }

  /** Show in words how the page is connected: the worst of its topics. */
  report(state) {
    this.state = state;
    const states = [...topics].map((each) => each.state);
    const worst = ["offline", "slow", "connected"].find((each) => states.includes(each)) ?? "";
    for (const status of document.querySelectorAll("[data-live-status]")) {
      status.dataset.liveStatus = worst;
      for (const words of status.querySelectorAll("[data-live-when]")) words.hidden = words.dataset.liveWhen !== worst;
    }
  }
}

/** The panel under a finger that is down: a button taken away before the finger rises would swallow the press. */
let pressed = null;
document.addEventListener("pointerdown", (event) => {
  pressed = event.target.closest?.("[data-live-panel]");
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () =>
    setTimeout(() => {
      pressed = null;
      topics.forEach((topic) => topic.showHeld());
    }, 50),
  );
}

/** Whether somebody presses or types in this panel, or has made choices that are not sent yet. */
function inUse(panel) {
  if (panel === pressed) return true;
  const active = document.activeElement;
  const typing = "input:not([type=hidden], [type=submit], [type=button]), textarea, select, [contenteditable]";
  return (panel.contains(active) && active.matches(typing)) || [...panel.querySelectorAll("input, textarea, select")].some(touched);
}

function touched(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const options = [...field.options];
  const preset = options.some((option) => option.defaultSelected) || field.multiple; // else the first one shows
  return options.some((option, i) => option.selected !== (preset ? option.defaultSelected : i === 0));
}

/** A new activity ("A vote is open") is said once to screen readers, politely; focus stays where it is. */
function sayActivity(panel) {
  const region = document.querySelector("[data-live-announcer]");
  const activity = panel.querySelector("[data-live-activity]")?.textContent.trim();
  if (region && activity && region.textContent !== activity) region.textContent = activity;
}

/** "New information: show" is offered while a panel waits for its reader. */
function offer() {
  const waiting = [...topics].some((topic) => [...topic.held.keys()].some((panel) => panel !== pressed));
  for (const button of document.querySelectorAll("[data-live-offer]")) button.hidden = !waiting;
}

/** How far the server's clock is ahead of ours, in milliseconds; a late frame only makes it look further behind. */
let clockAhead = -Infinity;

function noteServerTime(now) {
  const ahead = Date.parse(now) - Date.now();
  if (ahead > clockAhead || clockAhead - ahead > 60_000) clockAhead = ahead; // or our own clock was set anew
}

/**
 * Countdowns: `<time data-deadline datetime="…">` shows the minutes and seconds left by the server's clock, and
 * `<time data-elapsed="10" datetime="…">` those that went by: a guide that ends nothing, marked after ten minutes.
 */
function tick() {
  for (const time of document.querySelectorAll("time[data-elapsed]")) {
    const seconds = Math.max(0, Math.floor((Date.now() + clockAhead - Date.parse(time.dateTime)) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const planned = Number(time.dataset.elapsed) * 60;
    time.classList.toggle("over", planned > 0 && seconds > planned);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const time of document.querySelectorAll("time[data-spent]")) runStopwatch(time);
  for (const time of document.querySelectorAll("time[data-deadline]")) {
    const left = Math.max(0, Math.ceil((Date.parse(time.dateTime) - Date.now() - clockAhead) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
  }
}

/** `<time data-spent="42" data-limit="180" datetime="…">` shows how long it took since then, 42 seconds included. */
function runStopwatch(time) {
  const now = Date.now() + (Number.isFinite(clockAhead) ? clockAhead : 0);
  const seconds = Number(time.dataset.spent) + Math.max(0, Math.floor((now - Date.parse(time.dateTime)) / 1000));
  const limit = Number(time.dataset.limit);
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (time.textContent !== text) time.textContent = text;
  time.classList.toggle("over", limit > 0 && seconds > limit);
  const region = document.querySelector("[data-live-announcer]");
  const words = { 60: time.dataset.minuteLeft, 10: time.dataset.secondsLeft }[limit - seconds];
  if (words && region && time.dataset.said !== words) region.textContent = time.dataset.said = words;
}

/** Follow the topics of the page, also those that htmx brought later; forget those whose element is gone. */
function follow() {
  for (const topic of topics) if (!topic.root.isConnected) topic.end();
  for (const root of document.querySelectorAll("[data-live-topic]")) {
    if ([...topics].some((each) => each.root === root)) continue;
    const topic = new LiveTopic(root);
    topics.add(topic);
    topic.connect();
  }
}

/** After sleep, or in another network, an old socket may hang for minutes: take a new one. */
const reconnect = () => topics.forEach((topic) => topic.connect());

let hiddenAt = 0;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > 15_000) reconnect();
});
addEventListener("online", reconnect);
addEventListener("offline", () => topics.forEach((topic) => topic.report("offline")));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-live-offer]")) topics.forEach((topic) => topic.showHeld(true));
});
document.addEventListener("htmx:load", follow);
setInterval(tick, 250);
follow();
