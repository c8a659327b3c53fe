// SPDX-License-Identifier: AGPL-3.0-or-later
// A voter code from a card: the square on it carries the code behind the # of the address, which no server sees.

function fillIn() {
  const field = document.querySelector("[data-code-from-link]");
  const code = decodeURIComponent(location.hash.slice(1)).replace(/[^0-9a-z]/gi, "");
  if (!field || code.length !== 10) return;
  field.value = `${code.slice(0, 5)}-${code.slice(5)}`;
  history.replaceState(null, "", location.pathname); // the code stays out of the history of a shared phone
  field.form.querySelector("button").focus();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
window.addEventListener("hashchange", fillIn);
fillIn();
