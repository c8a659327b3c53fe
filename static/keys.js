// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * Keyboard shortcuts of the cockpit: off until switched on, kept on this device, never while somebody writes.
 * A key presses the visible button with `data-key="name"`, so nothing can be done by key that cannot be seen.
 */
import { device } from "./storage.js";

const KEPT = "folkmoot-keys";
const dialog = document.querySelector("#keys");
const fields = [...dialog.querySelectorAll("[data-keys-name]")];
const on = dialog.querySelector("[data-keys-on]");
const problem = dialog.querySelector("[data-keys-problem]");
const bar = document.querySelector("[data-keys-shown]");
const SHOWN = ["close", "open", "next", "call", "blank", "undo"];

const kept = { on: false, keys: {}, ...device.read(KEPT) };
on.checked = kept.on;
for (const field of fields) field.value = kept.keys[field.dataset.keysName] ?? field.dataset.keysPreset;

const visible = (button) => button.getClientRects().length > 0 && !button.disabled && button.ariaDisabled !== "true";

/** The button that this key presses now: the main one first. */
function buttonFor(name) {
  const found = [...document.querySelectorAll(`[data-key="${name}"]`)].filter(visible);
  return found.find((button) => button.closest(".drive")) ?? found[0];
}

const nameOf = (key) => fields.find((field) => field.value && field.value.toLowerCase() === key.toLowerCase())?.dataset.keysName;

function keep() {
  const keys = {};
  for (const field of fields) if (field.value !== field.dataset.keysPreset) keys[field.dataset.keysName] = field.value;
  device.keep(KEPT, { on: on.checked, keys });
  draw();
}

/** The most used keys stand at the foot of the page while they are on. */
function draw() {
  bar.replaceChildren();
  document.body.classList.toggle("with-keys", on.checked);
  if (!on.checked) return;
  for (const name of SHOWN) {
    const field = fields.find((each) => each.dataset.keysName === name);
    const shown = document.createElement("span");
    const key = Object.assign(document.createElement("kbd"), { textContent: field.value.toUpperCase() });
    shown.append(key, ` ${dialog.querySelector(`label[for="${field.id}"]`).textContent}`);
    bar.append(shown);
  }
}

dialog.addEventListener("input", ({ target }) => {
  if (target === on) return keep();
  const key = target.value.trim();
  const taken = fields.some((field) => field !== target && field.value && field.value.toLowerCase() === key.toLowerCase());
  target.ariaInvalid = taken ? "true" : null;
  problem.textContent = taken ? `${key}: ${dialog.dataset.taken}` : "";
  if (taken) target.value = "";
  keep();
});
dialog.addEventListener("focusin", ({ target }) => target.matches("[data-keys-name]") && target.select());
dialog.querySelector("[data-keys-reset]").addEventListener("click", () => {
  for (const field of fields) field.value = field.dataset.keysPreset;
  keep();
});
document.querySelector("[data-keys-open]").addEventListener("click", () => dialog.showModal());

document.addEventListener("keydown", (event) => {
  if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (dialog.open || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (event.key === "Escape") {
    const open = [...document.querySelectorAll("#desk details[open]")].at(-1);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  } else if (event.key === "?") dialog.showModal();
  else if (event.key.length === 1) {
    const name = nameOf(event.key);
    const button = name && buttonFor(name);
    if (!button) return;
    event.preventDefault();
    if (name === "moderate" || button.matches("input, a:not([href])")) button.focus();
    else button.click();
    return;
  } else return;
  event.preventDefault();
});
draw();
