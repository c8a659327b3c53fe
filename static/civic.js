// SPDX-License-Identifier: AGPL-3.0-or-later
// Small comforts of every page. Without this file everything still works.

import { device } from "./storage.js";

const root = document.documentElement;

// Colours: Auto, Light or Dark, remembered on this device.
function showTheme() {
  for (const choice of document.querySelectorAll("[data-theme-choice]")) {
    choice.checked = choice.value === (root.dataset.theme ?? "auto");
  }
}

document.addEventListener("change", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (!choice) return;
  if (choice.value === "auto") delete root.dataset.theme;
  else root.dataset.theme = choice.value;
  if (choice.value === "auto") device.forget("theme");
  else device.keep("theme", choice.value);
});

// Menus close with Escape and with a press elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Dialogs: a link to one opens it on top; without scripts the same link shows it in the page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
});

// Messages stay 8 seconds, longer while somebody reads or points at them; those with Undo stay.
function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  if ("stays" in toast.dataset) return;
  let left = 8;
  const clock = setInterval(() => {
    if (toast.matches(":hover, :focus-within") || document.hidden) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(clock);
    toast.remove();
  }, 1000);
}
function watchToasts() {
  document.querySelectorAll("[data-toast]").forEach(watchToast);
}
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
});

// What was sent is not sent twice: a second press waits for the answer, or for ten seconds when none comes. The button
// says so after 300 ms.
const PATIENCE = 10_000;
function rest(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!button || form.getAttribute("method")?.toLowerCase() !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
  const timers = [
    setTimeout(() => {
      button.setAttribute("aria-busy", "true");
    }, 300),
    setTimeout(() => rest(form), PATIENCE),
  ];
  form.addEventListener("htmx:afterRequest", () => {
    timers.forEach(clearTimeout);
    rest(form);
  }, { once: true });
}, true);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("[data-sent]").forEach(rest);
});

// After a refused form the reader starts at what is wrong.
function focusWhatIsWrong() {
  document.querySelector("[data-focus]")?.focus();
}

document.addEventListener("htmx:load", () => {
  showTheme();
  watchToasts();
});
showTheme();
watchToasts();
focusWhatIsWrong();
