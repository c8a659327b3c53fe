// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps what one writes in a long form on this device until the server has it. The form works without.

const SOON = 2000; // milliseconds after the last letter

function store(name, values) {
  try {
    if (values) localStorage.setItem(name, JSON.stringify(values));
    else localStorage.removeItem(name);
  } catch {
    // private window or full: only the comfort is missing
  }
}

function stored(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

for (const form of document.querySelectorAll("[data-keeps-draft]")) {
  const name = `draft/${form.dataset.keepsDraft}`;
  const fields = [...form.querySelectorAll("input:not([type=hidden]), textarea")];
  const keep = () => store(name, Object.fromEntries(fields.map((field) => [field.name, field.value])));
  const isEmpty = fields.every((field) => !field.value);
  if (isEmpty) {
    const values = stored(name);
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
  for (const draft of page.dataset.forgetsDraft.split(" ")) store(`draft/${draft}`, null);
}
