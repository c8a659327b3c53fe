// SPDX-License-Identifier: AGPL-3.0-or-later
/** When a vote opens while somebody reads further down, nothing jumps: a button offers the way to the ballot. */

const go = document.querySelector("[data-go]");
const mine = document.querySelector("#my-vote");
let seen = true;

function offer() {
  go.hidden = seen || mine.querySelector("#ballot") === null;
}

new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  offer();
}, { rootMargin: "0px 0px -80px 0px" }).observe(mine);
new MutationObserver(offer).observe(mine, { childList: true, subtree: true });
