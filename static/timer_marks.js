// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * Timers are silent (role=timer). At 60 and at 10 seconds left, and only then, the words of the mark are said politely:
 * `<time role="timer" data-deadline datetime="…" data-at-60="One minute left" data-at-10="Ten seconds left">`.
 */

const MARKS = [60, 10];
const last = new Map(); // by moment: the seconds that were left when we looked before

function left(timer) {
  const [minutes, seconds] = timer.textContent.split(":").map(Number);
  return 60 * minutes + seconds;
}

setInterval(() => {
  for (const timer of document.querySelectorAll("[role=timer][data-deadline]")) {
    const now = left(timer);
    const before = last.get(timer.dateTime);
    if (Number.isNaN(now)) continue;
    last.set(timer.dateTime, now);
    const mark = MARKS.find((each) => before > each && now <= each && now > each - 5);
    const words = mark && timer.getAttribute(`data-at-${mark}`);
    const region = document.querySelector("[data-live-announcer]");
    if (words && region) region.textContent = words;
  }
}, 500);
