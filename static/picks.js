// SPDX-License-Identifier: AGPL-3.0-or-later
// Ticks that have a limit, in number or in money: counts and sums as one chooses, and says why no more can be added.

const NO_BREAK_SPACE = "\u00a0";
const STATUS_AFTER = 700; // milliseconds without another change

/** Minor units as the server writes them, by the pattern that it sends. */
function money(minor, { pattern, decimals, point }) {
  const unit = 10 ** Number(decimals);
  const whole = Math.floor(minor / unit);
  const cents = minor % unit;
  let figure = String(whole).replace(/\B(?=(\d{3})+$)/g, NO_BREAK_SPACE);
  if (cents) figure += point + String(cents).padStart(Number(decimals), "0");
  return pattern.replace("{n}", figure);
}

export function followPicks(form) {
  const picks = [...form.querySelectorAll("input[name=options]")];
  const bar = form.querySelector("[data-standing][data-count]");
  if (!bar) return;
  const texts = bar.dataset;
  const [figure, beside, meter, status, used] = ["figure", "beside", "meter", "status", "used-line"].map((name) => form.querySelector(`[data-${name}]`));
  const limit = Number(form.dataset.limit) || null;
  const budget = Number(form.dataset.money) || null;
  const costs = "pattern" in texts;
  let speaking;

  const chosen = () => picks.filter((pick) => pick.checked);
  const cost = () => chosen().reduce((sum, pick) => sum + Number(pick.dataset.cost), 0);
  const whyOf = (pick) => pick.closest("label").querySelector("[data-why]");

  /** Why this one cannot be added now, or nothing. */
  function refusal(pick) {
    if (pick.checked || pick.type === "radio") return "";
    if (limit && chosen().length >= limit) return texts.full;
    const missing = budget ? cost() + Number(pick.dataset.cost) - budget : 0;
    return missing > 0 ? texts.dear.replace("{missing}", money(missing, texts)) : "";
  }

  function show() {
    const count = chosen().length;
    for (const pick of picks) {
      const why = refusal(pick);
      const card = pick.closest(".choice");
      card?.classList.toggle("chosen", pick.checked);
      card?.classList.toggle("dear", Boolean(why));
      if (why) pick.setAttribute("aria-disabled", "true");
      else pick.removeAttribute("aria-disabled");
      whyOf(pick).textContent = why || pick.dataset.add;
    }
    const words = texts.count.replace("{n}", String(count));
    figure.textContent = budget ? texts.left.replace("{left}", money(budget - cost(), texts)) : words;
    beside.textContent = budget ? words : costs ? texts.costText.replace("{cost}", money(cost(), texts)) : "";
    bar.hidden = false;
    meter.hidden = !(budget || limit);
    meter.max = budget || limit || 1;
    meter.value = budget ? cost() : count;
    if (used) used.textContent = texts.used.replace("{cost}", money(cost(), texts));
    if (used) used.hidden = false;
  }

  function say(text) {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      status.textContent = `${text} ${figure.textContent}.`;
    }, STATUS_AFTER);
  }

  for (const pick of picks) {
    pick.dataset.add = whyOf(pick).textContent;
    pick.addEventListener("click", (event) => {
      const adding = pick.checked;
      pick.checked = false;
      const why = adding ? refusal(pick) : "";
      pick.checked = adding;
      if (!why) return;
      event.preventDefault();
      say(why);
    });
    pick.addEventListener("change", () => {
      show();
      say((pick.checked ? texts.added : texts.removed).replace("{title}", pick.dataset.title));
    });
  }
  show();
}
