// SPDX-License-Identifier: AGPL-3.0-or-later
// A ranked ballot with Up, Down, Move to, Remove and a handle to drag. The selects of the plain form stay the truth: this
// moves their rows and sets their values, so what is sent is the same with and without scripts.

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** @param {HTMLElement} list */
export function enhanceRanking(list) {
  const rows = [...list.children];
  const texts = list.dataset;
  const takesTies = "ties" in texts;
  const limit = Number(texts.limit) || rows.length;
  const status = list.parentElement.querySelector("[data-ranking-status]");
  const unranked = make("ul", { className: "unranked stack" });
  unranked.setAttribute("role", "list");
  const heading = (text) => make("h2", { className: "small-head", textContent: text });
  list.before(heading(texts.ranked));
  list.after(heading(texts.unranked), unranked);
  list.classList.remove("plain");
  list.classList.add("enhanced");

  const ranked = () => [...list.children];
  const select = (row) => row.querySelector("select[name]");
  const isTied = (row) => row.classList.contains("tied");

  /** Places count from 1; a row that is equal to the one above shares its place. */
  function places() {
    let place = 0;
    return new Map(ranked().map((row) => [row, isTied(row) ? place : ++place]));
  }

  function say(text, row) {
    const place = places().get(row) ?? 0;
    status.textContent = text.replace("{title}", row.dataset.title).replace("{place}", String(place)).replace("{all}", String(list.children.length));
  }

  /** Before a row goes elsewhere: whoever shared its place with it now leads that place. */
  function takeOut(row) {
    const next = row.nextElementSibling;
    if (next && !isTied(row)) next.classList.remove("tied");
    row.classList.remove("tied");
  }

  function move(row, position) {
    takeOut(row);
    const others = ranked().filter((other) => other !== row);
    if (others[position]) {
      others[position].classList.remove("tied");
      others[position].before(row);
    } else list.append(row);
    say(texts.moved, row);
  }

  function button(row, label, act) {
    const made = make("button", { type: "button", className: "btn plain small", textContent: label });
    made.addEventListener("click", () => {
      if (made.getAttribute("aria-disabled") === "true") return;
      act();
      changed(row);
      (made.isConnected && !made.hidden ? made : row.querySelector("button:not([hidden])")).focus();
    });
    return made;
  }

  function changed(row) {
    refresh();
    select(row).dispatchEvent(new Event("input", { bubbles: true }));
  }

  const indexOf = (row) => ranked().indexOf(row);

  function controls(row) {
    row.querySelector("label").replaceWith(make("b", { className: "name", textContent: row.dataset.title }));
    select(row).hidden = true;
    row.className = "ranked";
    const box = make("span", { className: "moves" });
    const up = button(row, texts.up, () => move(row, indexOf(row) - 1));
    const down = button(row, texts.down, () => move(row, indexOf(row) + 1));
    const equal = button(row, texts.equal, () => {
      row.classList.toggle("tied");
      say(isTied(row) ? texts.shares : texts.moved, row);
    });
    const remove = button(row, texts.remove, () => {
      takeOut(row);
      unranked.append(row);
      say(texts.removed, row);
    });
    const add = button(row, texts.add, () => move(row, list.children.length));
    const to = make("select", {});
    to.setAttribute("aria-label", `${texts.move} ${row.dataset.title}`);
    to.addEventListener("change", () => {
      move(row, Number(to.value));
      changed(row);
      to.focus();
    });
    to.addEventListener("input", (event) => event.stopPropagation()); // it is not part of the ballot
    const grip = make("span", { className: "grip", textContent: "⠿" });
    grip.setAttribute("aria-hidden", "true");
    drag(row, grip);
    box.append(up, down, to, equal, remove, add);
    row.append(grip, box);
    return { up, down, to, equal, remove, add, grip };
  }

  /** A finger or a mouse on the handle takes the row along; the buttons do the same without dragging. */
  function drag(row, grip) {
    const follow = ({ clientY }) => {
      const over = ranked().find((other) => {
        const { top, bottom } = other.getBoundingClientRect();
        return other !== row && clientY > top && clientY < bottom;
      });
      if (!over) return;
      const { top, height } = over.getBoundingClientRect();
      const others = ranked().filter((other) => other !== row);
      const position = others.indexOf(over) + (clientY < top + height / 2 ? 0 : 1);
      if (position !== indexOf(row)) move(row, position);
    };
    const drop = () => {
      // On the document, since a moved row loses the pointer.
      document.removeEventListener("pointermove", follow);
      document.removeEventListener("pointerup", drop);
      document.removeEventListener("pointercancel", drop);
      row.classList.remove("dragged");
      changed(row);
    };
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      row.classList.add("dragged");
      document.addEventListener("pointermove", follow);
      document.addEventListener("pointerup", drop);
      document.addEventListener("pointercancel", drop);
    });
  }

  function named(element, label, row) {
    element.textContent = label;
    element.setAttribute("aria-label", `${label}: ${row.dataset.title}`);
  }

  function refresh() {
    list.firstElementChild?.classList.remove("tied");
    const placed = places();
    const all = list.children.length;
    for (const row of rows) {
      const isRanked = placed.has(row);
      const { up, down, to, equal, remove, add, grip } = buttons.get(row);
      if (!isRanked) row.classList.remove("tied");
      for (const control of [up, down, to, remove, grip]) control.hidden = !isRanked;
      equal.hidden = !isRanked || !takesTies || indexOf(row) === 0;
      add.hidden = isRanked;
      named(up, texts.up, row);
      named(down, texts.down, row);
      named(remove, texts.remove, row);
      named(equal, isTied(row) ? texts.unequal : texts.equal, row);
      named(add, all >= limit ? texts.full : texts.add.replace("{place}", String(Math.max(0, ...placed.values()) + 1)), row);
      add.setAttribute("aria-disabled", String(all >= limit));
      up.setAttribute("aria-disabled", String(isRanked && indexOf(row) === 0));
      down.setAttribute("aria-disabled", String(isRanked && indexOf(row) === all - 1));
      to.replaceChildren(make("option", { value: "", textContent: texts.move }), ...ranked().map((_, index) => make("option", { value: String(index), textContent: String(index + 1) })));
      select(row).value = isRanked ? String(placed.get(row)) : "";
    }
  }

  const buttons = new Map(rows.map((row) => [row, controls(row)]));
  let last = null;
  rows
    .filter((row) => select(row).value)
    .sort((a, b) => Number(select(a).value) - Number(select(b).value))
    .forEach((row) => {
      row.classList.toggle("tied", takesTies && last !== null && select(row).value === last);
      last = select(row).value;
      list.append(row);
    });
  rows.filter((row) => !select(row).value).forEach((row) => unranked.append(row));
  refresh();
}
