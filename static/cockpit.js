// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * The frame of the cockpit: locked while there is no connection, steered by one of several facilitators, and with
 * ten seconds to take back what was done last. The server decides all three; this keeps the page honest about it.
 */

const lost = document.querySelector("#lost");
const words = document.querySelector("#lost-words");
const status = document.querySelector("[data-live-status]");
const desk = document.querySelector("#desk");
const driver = document.querySelector("#driver");
const me = document.body.dataset.person;
const STEERS = "#desk form button, #desk form input[type=submit], #driver form button";

let locked = false;

/** Without a connection everything can be read and nothing pressed. */
function lock() {
  const offline = status.dataset.liveStatus === "offline";
  if (offline !== locked) {
    locked = offline;
    document.body.classList.toggle("locked", locked);
    lost.replaceChildren(...(locked ? [words.content.cloneNode(true)] : []));
  }
  settle();
}

/** Each button is as its reader may press it now. Panels come anew, so this is asked after every change. */
function settle() {
  const panel = driver.querySelector("[data-driver]");
  const drives = panel?.dataset.driver ?? "";
  const looksOn = drives !== "" && drives !== me;
  document.body.classList.toggle("looks-on", looksOn);
  const asks = panel?.dataset.asks ?? "";
  for (const part of driver.querySelectorAll("[data-for]")) {
    const is = { driver: drives === me, others: drives !== me && asks !== me, asks: asks === me }[part.dataset.for];
    part.hidden = !is;
  }
  for (const button of document.querySelectorAll(STEERS)) {
    const waits = button.dataset.after && Date.parse(button.dataset.after) > Date.now();
    const primary = button.closest("#drive");
    const must = locked || Boolean(waits) || (looksOn && primary !== null);
    if (must && !button.disabled) {
      button.disabled = true;
      button.dataset.locked = "";
    } else if (!must && "locked" in button.dataset) {
      button.disabled = false;
      delete button.dataset.locked;
    }
  }
}

/** What can be taken back is said once, politely; the focus stays where it is. */
let said = "";
function say() {
  const seq = document.querySelector("[data-undo] [name=seq]")?.value ?? "";
  if (seq === said) return;
  said = seq;
  const announcer = document.querySelector("[data-live-announcer]");
  if (seq) announcer.textContent = document.querySelector("[data-undo] > span").textContent;
}

/** The time to take something back is over. */
function forget() {
  for (const toast of document.querySelectorAll("[data-undo]")) {
    if (toast.querySelector("time")?.textContent === "0:00") toast.remove();
  }
  for (const button of driver.querySelectorAll("[data-after]")) {
    if (button.querySelector("time")?.textContent === "0:00") delete button.dataset.after;
  }
  settle();
  say();
}

new MutationObserver(lock).observe(status, { attributes: true, attributeFilter: ["data-live-status"] });
for (const place of [desk, driver]) {
  new MutationObserver(settle).observe(place, { childList: true, subtree: true });
}
setInterval(forget, 500);
lock();
