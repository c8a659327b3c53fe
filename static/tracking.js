// SPDX-License-Identifier: AGPL-3.0-or-later
// The tracking code of a sealed ballot: made on this device, sent inside the ballot, shown only after publication.
// On a device without a signed-in person, or one that others use too, nothing is kept: the next person may hold it.

import { device, tab } from "./storage.js";

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CASTS = /\/polls\/([0-9a-f-]{36})\/(?:cast|review)\/$/;

const storageKey = (poll, line = "") => `tracking/${document.body.dataset.person}/${poll}/${line}`;

function newCode() {
  const figures = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => LETTERS[byte & 31]).join("");
  return figures.match(/.{4}/g).join("-");
}

function codeFor(key) {
  if (tab.read("shared")) {
    device.forget(key);
    return "";
  }
  const code = device.read(key) ?? newCode();
  return device.keep(key, code) ? code : ""; // a code that cannot be kept is of no use
}

/** Every form that sends a ballot carries the code, also one that came into the page later. */
function carryCode(event) {
  const form = event.target;
  const poll = form.action && CASTS.exec(new URL(form.action, location.href).pathname)?.[1];
  if (!poll || !("sealed" in form.dataset) || !document.body.dataset.person) return;
  let field = form.elements.tracking;
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "tracking";
    form.append(field);
  }
  field.value = codeFor(storageKey(poll, form.elements.line?.value));
}

/** After publication this device shows what it kept. */
function showKept() {
  const form = document.querySelector("[data-check]");
  const place = document.querySelector("[data-kept-code]");
  if (!form || !place || !document.body.dataset.person) return;
  const code = device.read(storageKey(form.dataset.check));
  if (!code) return;
  place.querySelector("[data-code]").textContent = code;
  place.hidden = false;
  place.querySelector("[data-use]").addEventListener("click", () => {
    form.elements.code.value = code;
    form.requestSubmit();
  });
}

document.addEventListener("submit", carryCode, true);
showKept();
