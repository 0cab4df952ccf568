// The plane of the lab, where slots have two features: slots as dots, the query, what is read.

import { svgNode } from "../shared/dom.js";
import { isCommand } from "../shared/grid.js";
import { listed } from "../shared/words.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @param {Element} node @param {Record<string, any>} attributes */
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

/** Push labels that would lie on each other apart, downwards.
 * @param {{left: number, wide: number, y: number}[]} labels */
export function apart(labels) {
  labels.sort((a, b) => a.y - b.y);
  labels.forEach((label, i) => {
    for (const above of labels.slice(0, i))
      if (above.left < label.left + label.wide && label.left < above.left + above.wide)
        label.y = Math.max(label.y, above.y + 0.11);
  });
}

/**
 * A picture that moves the query. `ask` hears where to, with the largest size of a number; null:
 * back to where it began.
 * @param {(point: number[] | null, limit: number) => void} ask
 */
export function plane(ask) {
  const el = svgNode("svg", {
    class: "lv-pad",
    viewBox: "-1 -1 2 2",
    tabindex: 0,
    role: "application",
    "aria-roledescription": "point",
  });
  let extent = 1; // the number at the edge
  let points = []; // slots that share a place: {slots, dot, text}
  let query = [0, 0];
  const px = (value) => value / extent;
  const axes = svgNode("path", { class: "lv-axes", d: "M-1 0H1M0-1V1" });
  const arrow = svgNode("path", { class: "lv-arrow" });
  const handle = svgNode("circle", { class: "lv-handle", r: 0.045 });
  const mean = svgNode("path", { class: "lv-mean", d: "M-.055 0L0-.055L.055 0L0 .055z" });
  const names = ["q", "r"].map((name) => {
    const text = svgNode("text", { class: "lv-name" });
    text.textContent = name;
    return text;
  });

  /** Room for the largest number, and the slots that share a place: found anew when a number is
   *  typed, not while the query is dragged. */
  function plot(setting) {
    extent = 1.25 * Math.max(0.1, ...[setting.query, ...setting.memory].flat().map(Math.abs));
    const places = new Map();
    setting.memory.forEach((row, i) => {
      places.set(`${row}`, [...(places.get(`${row}`) ?? []), i]);
    });
    points = [...places.values()].map((slots) => {
      const text = svgNode("text");
      text.textContent = slots.map((i) => setting.slots[i]).join(", ");
      return { slots, text, dot: svgNode("circle", { class: "lv-dot" }) };
    });
    const [dots, labels] = [points.map(({ dot }) => dot), points.map(({ text }) => text)];
    el.replaceChildren(axes, ...dots, arrow, handle, mean, ...labels, ...names);
  }

  /** Everything where it is now. */
  function place(setting, { weights, read }) {
    ({ query } = setting);
    const labels = [];
    for (const { slots, dot, text } of points) {
      const [x, y] = setting.memory[slots[0]].map(px);
      const r = 0.02 + 0.12 * Math.sqrt(slots.reduce((sum, i) => sum + weights[i], 0));
      set(dot, { cx: x, cy: -y, r });
      const right = x + r + 0.075 * text.textContent.length < 0.97 || x < 0; // beside it, in the frame
      const beside = right ? x + r + 0.03 : x - r - 0.03;
      const wide = 0.066 * text.textContent.length;
      labels.push({ text, left: right ? beside : beside - wide, wide, y: 0.035 - y });
      set(text, { x: beside, "text-anchor": right ? "start" : "end" });
    }
    apart(labels);
    for (const { text, y } of labels) set(text, { y });
    const [q, r] = [query, read].map((point) => point.map(px));
    set(arrow, { d: `M0 0L${q[0]} ${-q[1]}` });
    set(handle, { cx: q[0], cy: -q[1] });
    set(mean, { transform: `translate(${r[0]} ${-r[1]})` });
    const over = q[1] >= r[1]; // one name above, one below: the two may be in one place
    const name = (node, [x, y], above) => {
      const height = (above ? -0.08 : 0.15) - y;
      set(node, { x: Math.min(x + 0.04, 0.9), y: Math.max(-0.9, Math.min(0.97, height)) });
    };
    name(names[0], q, over);
    name(names[1], r, !over);
    const words = `query ${listed(query)}, reads ${listed(read)}; arrow keys move the query`;
    el.setAttribute("aria-label", words);
  }

  function drag({ clientX, clientY }) {
    const { left, top, width, height } = el.getBoundingClientRect();
    const at = [(2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height];
    ask(
      at.map((v) => v * extent),
      extent,
    );
  }
  el.onpointerdown = (event) => {
    el.setPointerCapture(event.pointerId);
    drag(event);
  };
  el.onpointermove = (event) => el.hasPointerCapture(event.pointerId) && drag(event);
  el.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (isCommand(event) || (!move && event.key !== "Escape")) return;
    event.preventDefault();
    const by = event.shiftKey ? 0.5 : 0.1;
    ask(move ? query.map((v, k) => v + by * move[k]) : null, extent);
  });
  return { el, plot, place };
}
