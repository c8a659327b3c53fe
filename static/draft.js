// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps what one writes in a long form on this device until the server has it, for seven days at most. The form works
// without.

import { device } from "./storage.js";

const SOON = 2000; // milliseconds after the last letter
const SEVEN_DAYS = 7 * 24 * 3600 * 1000;

const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** What this device kept under this name, unless it is older than a week. */
function kept(name) {
  const draft = device.read(name);
  if (!draft?.at || Date.now() - draft.at > SEVEN_DAYS) {
    device.forget(name);
    return null;
  }
  return draft.values;
}

for (const form of document.querySelectorAll("[data-keeps-draft]")) {
  const name = `draft/${form.dataset.keepsDraft}`;
  const fields = [...form.querySelectorAll("input:not([type=hidden], [type=radio], [type=image]), textarea")];
  const said = form.querySelector("[data-draft-kept]");
  const keep = () => {
    const at = Date.now();
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    if (!Object.values(values).some(Boolean) || !device.keep(name, { at, values }) || !said) return;
    said.textContent = said.dataset.text.replace("{time}", clock(new Date(at)));
    said.hidden = false;
  };
  form.autocomplete = "off"; // or, on the way back, the browser puts in what it remembers over what is kept here
  const isEmpty = fields.every((field) => !field.value);
  if (isEmpty) {
    const values = kept(name) ?? {};
    for (const field of fields) field.value = values[field.name] ?? "";
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, SOON);
  });
  form.addEventListener("focusout", keep);
  form.addEventListener("submit", keep);
}

for (const page of document.querySelectorAll("[data-forgets-draft]")) {
  for (const draft of page.dataset.forgetsDraft.split(",")) device.forget(`draft/${draft}`);
}
