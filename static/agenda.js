// SPDX-License-Identifier: AGPL-3.0-or-later
/**
 * Items of an agenda are dragged to another place by their handle. What is dropped fills in the form with the two
 * lists ("Move to position") and sends it, so that dragging does nothing which buttons could not do.
 */


let drag = null; // {item, list, target}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  const item = grip?.closest("[data-movable]");
  if (!item || event.button !== 0 || !document.querySelector("form[data-place]")) return;
  event.preventDefault();
  drag = { item, list: item.closest("[data-order]"), target: null };
  item.classList.add("dragged");
  document.documentElement.classList.add("dragging");
});

/** The item of the same list that the pointer is over, if the dragged one may take its place. */
function under(event) {
  const target = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-movable]");
  return target && target !== drag.item && drag.list.contains(target) ? target : null;
}

function unmark() {
  for (const marked of document.querySelectorAll("[data-order] > :is(.before, .after)")) marked.classList.remove("before", "after");
}

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  unmark();
  drag.target = under(event);
  if (!drag.target) return;
  const isLater = Number(drag.target.dataset.position) > Number(drag.item.dataset.position);
  drag.target.classList.add(isLater ? "after" : "before");
});

function stop() {
  drag?.item.classList.remove("dragged");
  document.documentElement.classList.remove("dragging");
  unmark();
  drag = null;
}

document.addEventListener("pointerup", () => {
  if (!drag) return;
  const { item, target } = drag;
  stop();
  const form = document.querySelector("form[data-place]");
  if (!target || !form) return;
  const [chosen, position] = ["item", "position"].map((name) => form.querySelector(`[name=${name}]`));
  chosen.value = item.dataset.movable;
  position.value = target.dataset.position;
  if (chosen.value && position.value) form.requestSubmit();
});
document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", (event) => event.key === "Escape" && stop());
