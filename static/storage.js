// SPDX-License-Identifier: AGPL-3.0-or-later
// What this device remembers, and what only this tab does. A private window, or a full one, remembers nothing, and
// nothing else breaks.

const remembering = (open) => ({
  read(name) {
    try {
      return JSON.parse(open().getItem(name));
    } catch {
      return null;
    }
  },
  /** Whether it is kept. */
  keep(name, value) {
    try {
      open().setItem(name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  forget(name) {
    try {
      open().removeItem(name);
    } catch {
      // nothing was kept
    }
  },
});

export const device = remembering(() => localStorage);
export const tab = remembering(() => sessionStorage);
