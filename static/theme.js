// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs before the first paint: the chosen colours are there without a flash, and pages know that scripts work.
(function () {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = JSON.parse(localStorage.getItem("theme")); // as storage.js writes it
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing follows the colours of the system.
  }
})();
