// SPDX-License-Identifier: AGPL-3.0-or-later
// Points to share out: minus and plus beside each number, and how many are left. The numbers can be typed as well.

const STATUS_AFTER = 700; // milliseconds without another change

export function followPoints(form, list) {
  const bar = form.querySelector("[data-standing]");
  const texts = bar.dataset;
  const [figure, meter, status] = ["figure", "meter", "status"].map((name) => form.querySelector(`[data-${name}]`));
  const total = list.dataset.total === "" ? null : Number(list.dataset.total);
  const cap = Number(list.dataset.cap);
  const rows = [...list.children];
  const inputOf = (row) => row.querySelector("input");
  const points = (row) => (/^\d+$/.test(inputOf(row).value.trim()) ? Number(inputOf(row).value) : 0);
  const given = () => rows.reduce((sum, row) => sum + points(row), 0);
  let speaking;

  /** Why this row gets no more points, or nothing. */
  function refusal(row) {
    if (total !== null && given() >= total) return texts.full;
    return points(row) >= cap ? texts.capped : "";
  }

  function show() {
    for (const row of rows) {
      const [less, more] = row.querySelectorAll("[data-step]");
      less.setAttribute("aria-disabled", String(points(row) === 0));
      more.setAttribute("aria-disabled", String(Boolean(refusal(row))));
      row.classList.toggle("given", points(row) > 0);
    }
    const left = total === null ? null : total - given();
    if (left === null) figure.textContent = texts.given.replace("{given}", String(given()));
    else if (left < 0) figure.textContent = texts.over.replace("{over}", String(-left));
    else figure.textContent = texts.left.replace("{left}", String(left));
    bar.classList.toggle("over", left !== null && left < 0);
    bar.hidden = false;
    meter.hidden = total === null;
    meter.max = total || 1;
    meter.value = Math.min(given(), total ?? 0);
  }

  function say(text) {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      status.textContent = `${text} ${figure.textContent}.`;
    }, STATUS_AFTER);
  }

  const tell = (row) => say(texts.changed.replace("{title}", row.dataset.title).replace("{given}", String(points(row))));

  for (const row of rows) {
    for (const button of row.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => {
        const step = Number(button.dataset.step);
        const why = step > 0 ? refusal(row) : "";
        if (why) return say(why);
        if (points(row) + step < 0) return;
        inputOf(row).value = String(points(row) + step);
        inputOf(row).dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
    inputOf(row).addEventListener("input", () => {
      show();
      tell(row);
    });
  }
  show();
}
