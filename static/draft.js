// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps what one writes in a long form on this device until the server has it. The form works without.

import { device } from "./storage.js";

const SOON = 2000; // milliseconds after the last letter

for (const form of document.querySelectorAll("[data-keeps-draft]")) {
  const name = `draft/${form.dataset.keepsDraft}`;
  const fields = [...form.querySelectorAll("input:not([type=hidden]), textarea")];
  const keep = () => device.keep(name, Object.fromEntries(fields.map((field) => [field.name, field.value])));
  const isEmpty = fields.every((field) => !field.value);
  if (isEmpty) {
    const values = device.read(name) ?? {};
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
  for (const draft of page.dataset.forgetsDraft.split(" ")) device.forget(`draft/${draft}`);
}
