// SPDX-License-Identifier: AGPL-3.0-or-later
// The pin on the map moves at once, by a press or by the arrow keys, without asking the server. The form works without.

const clamp = (value, most) => Math.min(Math.max(Math.round(value), 0), most);

/** Whether a line from the point to the east crosses the outline an odd number of times. */
function holds(polygon, x, y) {
  const corners = [...polygon.points];
  return corners.reduce((inside, from, place) => {
    const to = corners[(place + 1) % corners.length];
    const crosses = from.y > y !== to.y > y && x < from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y);
    return crosses ? !inside : inside;
  }, false);
}

function followMap(picker) {
  const form = picker.closest("form");
  const { pin } = form.elements;
  const map = picker.querySelector("input[type=image]");
  const shape = picker.querySelector("[data-pin]");
  const said = form.querySelector("[data-pin-said]");
  const width = Number(picker.dataset.width);
  const height = Number(picker.dataset.height);
  const step = Number(picker.dataset.step);
  const ways = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

  const point = () => (pin.value ? pin.value.split(",").map(Number) : null);

  function put(x, y) {
    const [across, down] = [clamp(x, width), clamp(y, height)];
    pin.value = `${across},${down}`;
    shape.setAttribute("transform", `translate(${across} ${down})`);
    shape.classList.remove("unseen");
    const area = [...picker.querySelectorAll("polygon")].find((one) => holds(one, across, down));
    said.textContent = area ? picker.dataset.in.replace("{district}", area.dataset.name) : picker.dataset.out;
  }

  function takeAway() {
    pin.value = "";
    shape.classList.add("unseen");
    said.textContent = picker.dataset.none;
  }

  function move(way) {
    const [x, y] = point() ?? [width / 2, height / 2];
    const [right, down] = point() ? ways[way] : [0, 0]; // the first press puts it in the middle
    put(x + right * step, y + down * step);
  }

  map.addEventListener("click", (event) => {
    event.preventDefault();
    const box = map.getBoundingClientRect();
    if (event.detail === 0) move("up");
    else put(((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height);
  });
  map.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!way) return;
    event.preventDefault();
    move(way);
  });
  for (const button of form.querySelectorAll("[name=move]")) {
    button.type = "button";
    button.addEventListener("click", () => (button.value === "away" ? takeAway() : move(button.value)));
  }
}

document.querySelectorAll("[data-map-picker]").forEach(followMap);
