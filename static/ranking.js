// SPDX-License-Identifier: AGPL-3.0-or-later
// A ranked ballot with Up, Down and Remove. The selects of the plain form stay the truth: this moves their rows and
// sets their values, so what is sent is the same with and without scripts.

/** @param {HTMLElement} list */
function enhance(list) {
  const rows = [...list.children];
  const status = document.querySelector("[data-ranking-status]");
  const unranked = Object.assign(document.createElement("ul"), { className: "unranked stack" });
  unranked.setAttribute("role", "list");
  const heading = (text) => Object.assign(document.createElement("h2"), { className: "small-head", textContent: text });
  list.before(heading(list.dataset.ranked));
  list.after(heading(list.dataset.unranked), unranked);
  list.classList.remove("plain");
  list.classList.add("enhanced");

  const place = (row) => [...list.children].indexOf(row) + 1;
  const select = (row) => row.querySelector("select");
  const say = (text, row) => {
    status.textContent = text
      .replace("{title}", row.dataset.title)
      .replace("{place}", String(place(row)))
      .replace("{all}", String(list.children.length));
  };

  function button(row, label, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn plain small", textContent: label });
    made.setAttribute("aria-label", `${label}: ${row.dataset.title}`);
    made.addEventListener("click", () => {
      if (made.getAttribute("aria-disabled") === "true") return;
      act();
      refresh();
      made.isConnected && !made.hidden ? made.focus() : row.querySelector("button:not([hidden])").focus();
    });
    return made;
  }

  function controls(row) {
    const label = row.querySelector("label");
    label.replaceWith(Object.assign(document.createElement("b"), { className: "name", textContent: row.dataset.title }));
    select(row).hidden = true;
    row.className = "ranked";
    const box = Object.assign(document.createElement("span"), { className: "moves" });
    const up = button(row, list.dataset.up, () => { row.previousElementSibling.before(row); say(list.dataset.moved, row); });
    const down = button(row, list.dataset.down, () => { row.nextElementSibling.after(row); say(list.dataset.moved, row); });
    const remove = button(row, list.dataset.remove, () => { unranked.append(row); say(list.dataset.removed, row); });
    const add = button(row, list.dataset.add, () => { list.append(row); say(list.dataset.moved, row); });
    box.append(up, down, remove, add);
    row.append(box);
    return { up, down, remove, add };
  }

  const buttons = new Map(rows.map((row) => [row, controls(row)]));

  function refresh() {
    for (const row of rows) {
      const isRanked = row.parentElement === list;
      const { up, down, remove, add } = buttons.get(row);
      up.hidden = down.hidden = remove.hidden = !isRanked;
      add.hidden = isRanked;
      up.setAttribute("aria-disabled", String(isRanked && !row.previousElementSibling));
      down.setAttribute("aria-disabled", String(isRanked && !row.nextElementSibling));
      select(row).value = isRanked ? String(place(row)) : "";
      row.dataset.place = isRanked ? String(place(row)) : "";
    }
  }

  rows
    .filter((row) => select(row).value)
    .sort((a, b) => Number(select(a).value) - Number(select(b).value))
    .forEach((row) => list.append(row));
  rows.filter((row) => !select(row).value).forEach((row) => unranked.append(row));
  refresh();
}

function enhanceAll() {
  document.querySelectorAll("[data-ranking]:not(.enhanced)").forEach(enhance);
}

enhanceAll();
document.addEventListener("htmx:load", enhanceAll);
