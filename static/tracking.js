// SPDX-License-Identifier: AGPL-3.0-or-later
// The tracking code of a sealed ballot: made on this device, sent inside the ballot, shown only after publication.
// On a device without a signed-in person nothing is kept, for the next person may hold it.

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CASTS = /\/polls\/([0-9a-f-]{36})\/(?:cast|review)\/$/;

const storageKey = (poll, line = "") => `tracking/${document.body.dataset.person}/${poll}/${line}`;

function newCode() {
  const figures = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => LETTERS[byte & 31]).join("");
  return figures.match(/.{4}/g).join("-");
}

function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function codeFor(key) {
  let code = kept(key);
  if (code) return code;
  code = newCode();
  try {
    localStorage.setItem(key, code);
  } catch {
    return ""; // private window or full: a code that cannot be kept is of no use
  }
  return code;
}

/** Every form that sends a ballot carries the code, also one that came into the page later. */
function carryCode(event) {
  const form = event.target;
  const poll = form.action && CASTS.exec(new URL(form.action, location.href).pathname)?.[1];
  if (!poll || !document.body.dataset.person) return;
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
  const code = kept(storageKey(form.dataset.check));
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
