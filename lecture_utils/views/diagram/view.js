// The diagram view: the picture of a system, stepped, with a camera, filled with numbers.

import { onTheme } from "../shared/colours.js";
import {
  announcer,
  button,
  choice,
  div,
  group,
  h,
  hint,
  root as rootOf,
  tabled,
  write,
} from "../shared/dom.js";
import { isCommand } from "../shared/grid.js";
import { drawing, saves } from "../shared/save.js";
import { field } from "../shared/talk.js";
import { cuts, placed } from "./camera.js";
import { filling, told } from "./fill.js";

const WIDTH = 640; // units of every canvas

/** The drawing, which the package has made: the only markup; what a reader types is set as text.
 * @param {string} svg @returns {any} */
const parsed = (svg) =>
  document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);

/** A state in which every place has its numbers, also where they are named as those of another.
 * @param {any} state */
function whole(state) {
  const { flow } = state;
  if (!flow) return state;
  const numbers = Object.entries(flow).map(([at, one]) => [at, flow[one] ?? one]);
  return { ...state, flow: Object.fromEntries(numbers) };
}

/** The pictures below, which the package has deflated. @param {string} packed @returns {Promise<any>} */
async function opened(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(plain).text());
}

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const given = model.get("state");
  const { versions, version: first } = given;
  const at = { step: 0, moment: 0, part: -1, slot: null, version: first };
  let shown = whole(given);
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // --- the parts ------------------------------------------------------------------------------
  const mini = h("div", { class: "lv-mini", "aria-hidden": "true" });
  const plane = h("div", {
    class: "lv-drawing",
    tabindex: 0,
    role: "application",
    "aria-roledescription": "picture",
    "aria-label": "the picture; left and right step, up and down go through its parts",
  });
  const [sentence, reading] = ["lv-told", "lv-reading"].map((name) => h("p", { class: name }));
  const count = h("span", { class: "lv-word" });
  const range = h("input", {
    ...{ type: "range", min: 0, value: 0, "aria-label": "step" },
    oninput: () => step(+range.value),
  });
  const moment = h("span", { class: "lv-word" });
  const moments = group(
    "word that is written",
    button("‹", "word before", () => turn(at.moment - 1)),
    button("›", "word after", () => turn(at.moment + 1)),
    moment,
  );
  const inside = button("look inside", "look inside this part", () => open());
  const back = button("‹ back", "back to the whole picture", () => leave());
  const { table, toggle, tabulate } = tabled("table", "table of the parts", rows);
  const ways = [button("‹", "previous step", () => step(at.step - 1))];
  ways.push(button("›", "next step", () => step(at.step + 1)));
  const stepper = group("step through the picture", ...ways, range, count);
  const version = (i) => {
    Object.assign(at, { version: versions[i], part: -1 });
    here.spots = here.all.filter(here.pointed);
    for (const node of here.small.querySelectorAll("[data-only]"))
      node.setAttribute("display", node.dataset.only === at.version ? "inline" : "none");
    draw();
  };
  const file = given.title.toLowerCase().replace(/[^a-z0-9]+/g, "-") || "picture";
  const root = rootOf(
    "diagram",
    given.title || "diagram",
    field({ model, signal, verb: "fill", busy: "Computing …", show }),
    plane,
    div("say", mini, stepper, sentence),
    div("inside", reading, inside),
    div(
      "tools",
      back,
      versions.length > 1 &&
        group("version", choice("version", versions, version, versions.indexOf(first))),
      moments,
      saves(file, () => drawing(here.svg, here.size), rows, toggle),
    ),
    table,
  );
  const heading = root.querySelector(".lv-title");
  const say = announcer(root);

  // --- the picture that is shown: the whole, or what is inside a part of it ----------------------
  let here = mounted(given, 0);
  root.classList.toggle("lv-tall", here.size[3] > WIDTH);

  /** A drawing and what belongs to which of its steps. @param {any} told @param {number} layer */
  function mounted({ title, svg: drawing, steps, parts, left_out, timed, opens = {} }, layer) {
    const [svg, small] = [parsed(drawing), parsed(drawing)];
    svg.setAttribute("aria-hidden", "true");
    for (const event of ["pointermove", "click"]) svg.addEventListener(event, under);
    const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    frame.setAttribute("class", "here");
    small.append(frame);
    const all = [...svg.querySelectorAll("[data-part], [data-from], [data-near]")];
    const stepOf = (name) => steps.findIndex((one) => one.parts.includes(name)) + 1;
    const named = (node) => {
      const { part, near, from, to } = node.dataset;
      return [part ?? near, from, to].filter(Boolean);
    };
    const drawn = all
      .filter((node) => node.dataset.counts === "call")
      .map((node) => node.querySelectorAll("[data-j]").length);
    const there = (path) => path.replace("layers.0", `layers.${layer}`);
    /** Whether it is a part of the version that is shown, and says something. */
    const pointed = ({ dataset: { part, only } }) =>
      part && parts[part][0] && [undefined, at.version].includes(only);
    return {
      ...{ title, steps, parts, left_out, timed, opens, svg, small, frame, all, there },
      size: svg.getAttribute("viewBox").split(" ").map(Number),
      when: all.map((node) => Math.max(0, ...named(node).map(stepOf))),
      drawn: Math.max(1, ...drawn),
      spots: all.filter(pointed),
      pointed,
      fill: filling(svg, root, layer ? there : undefined),
    };
  }

  /** Put a picture on the screen. */
  function turnTo(picture, step = 0, part = -1) {
    [here, at.step, at.part, at.slot, filled] = [picture, step, part, null, []];
    here.svg.setAttribute("viewBox", here.size.join(" "));
    plane.replaceChildren(here.svg);
    mini.replaceChildren(here.small);
    view = here.size;
    range.max = `${here.steps.length}`;
    tabulate(false);
    draw();
  }

  /** What was left to look inside, at which step and which part. */
  const above = [];
  async function open() {
    const name = here.spots[at.part]?.dataset.part;
    const [k, layer] = here.opens[name] ?? [];
    if (k === undefined) return;
    const from = here;
    const below = await opened(given.below).catch(() => null);
    if (signal.aborted || here !== from) return; // a double click opens once
    if (!below) return write(reading, "This browser is too old.");
    const picture = mounted(below[k], layer);
    const number = Object.values(here.opens).filter(([other]) => other === k).length > 1;
    picture.title = `${given.title} › ${picture.title}${number ? `, layer ${layer + 1}` : ""}`;
    above.push([here, at.step, at.part]);
    turnTo(picture);
    plane.focus();
    say(`${picture.title}. ${picture.steps.length} steps; escape goes back.`);
  }
  function leave() {
    const before = above.pop();
    if (!before) return;
    turnTo(...before);
    plane.focus();
    say(here.title);
  }

  // --- drawing ----------------------------------------------------------------------------------
  let filled = []; // the state and the moment that fill it now

  /** Light what the step is about, pale what comes later, and put it in words. */
  function draw() {
    const { steps, left_out, timed, all, when, spots, drawn } = here;
    write(heading, here.title);
    const parts = steps[at.step - 1]?.parts ?? [];
    all.forEach((node, i) => {
      const { part, only = at.version } = node.dataset;
      node.toggleAttribute("display", false);
      if (only !== at.version) node.setAttribute("display", "none");
      node.classList.toggle("lit", at.step > 0 && (when[i] === at.step || parts.includes(part)));
      node.classList.toggle("later", at.step > 0 && when[i] > at.step);
      node.classList.toggle("on", spots[at.part] === node);
    });
    if (filled[0] !== shown || filled[1] !== at.moment) here.fill(shown, at.moment);
    filled = [shown, at.moment];
    range.value = at.step;
    const last = at.step === steps.length ? ", the last" : "";
    write(count, at.step ? `step ${at.step} of ${steps.length}${last}` : `${steps.length} steps`);
    ways.forEach((way, k) => {
      way.setAttribute("aria-disabled", at.step === (k && steps.length));
    });
    range.setAttribute("aria-valuetext", count.textContent);
    write(sentence, at.step ? steps[at.step - 1].text : left_out);
    const { rows, probabilities } = shown;
    moments.hidden = rows.length < 2 || (!timed && rows.length <= drawn);
    const sure = probabilities ? `, ${probabilities[at.moment].toFixed(2)}` : "";
    write(
      moment,
      rows.length ? `“${rows[at.moment]}”${sure}: ${at.moment + 1} of ${rows.length}` : "",
    );
    const nothing = hint("a part: it is said here what it is.");
    write(reading, at.part < 0 ? nothing : about(at.part));
    inside.hidden = !(spots[at.part]?.dataset.part in here.opens);
    back.hidden = !above.length;
    aim();
  }

  /** A part in words, with the numbers that fill it. */
  function about(k) {
    const node = here.spots[k];
    return told(here.parts[node.dataset.part], node, shown, at.moment, at.slot, here.there);
  }

  // --- the camera -------------------------------------------------------------------------------
  let view = here.size;
  let flight = 0;
  /** What is drawn, slot by slot, and where. @returns {(import("./camera.js").Drawn & {node: any})[]} */
  const boxes = (svg) =>
    [...svg.querySelectorAll("[data-j], [data-near] text")]
      .map((node) => ({ node, at: node.getBBox(), lit: !!node.closest(".lit") }))
      .filter(({ at }) => at.width)
      .map(({ at: { x, y, width, height }, ...one }) => ({ ...one, box: [x, y, width, height] }));

  /** What is seen: around the view, too, where the room has another shape.
   * @returns {import("./camera.js").Frame} */
  function seen({ clientWidth, clientHeight }, [x, y, width, height]) {
    const by = Math.min(clientWidth / width, clientHeight / height) || 1;
    const [wide, high] = [clientWidth / by, clientHeight / by];
    return [x - (wide - width) / 2, y - (high - height) / 2, wide, high];
  }

  function aim() {
    const { steps, svg, frame, size } = here;
    const style = getComputedStyle(root);
    // in the picture's units: how much of it there is room for, with words large enough to read
    const unit = 15 / (+style.getPropertyValue("--least") || 12);
    const most = parseFloat(getComputedStyle(svg).maxHeight) || Infinity; // of a slide
    const wide = style.getPropertyValue("--wide"); // a slide: from edge to edge
    const space = [wide ? WIDTH : plane.clientWidth * unit, most * unit];
    const close = plane.clientWidth > 0 && (space[0] < WIDTH || space[1] < size[3]);
    const zoomed = close && at.step > 0;
    // a step shows its frame; on a slide as much around it as there is room for
    const fit = (n, i) => (most < Infinity ? Math.min(size[i + 2], Math.max(n, space[i])) : n);
    /** @returns {[number, number]} */
    const long = ({ frame: [, , across, high] }) => [fit(across, 0), fit(high, 1)];
    const tall = Math.max(...steps.map(long).map(([across, high]) => high / across));
    plane.style.setProperty("--tall", close ? tall : size[3] / WIDTH);
    const drawn = zoomed ? boxes(svg) : []; // to measure takes its time
    const one = steps[at.step - 1];
    const goal = zoomed ? placed(one.frame, long(one), size, drawn) : size;
    const stage = zoomed ? seen(svg, goal) : goal;
    for (const node of svg.querySelectorAll(".cut")) node.classList.remove("cut");
    for (const { node, box, lit } of drawn) if (!lit && cuts(stage, box)) node.classList.add("cut");
    mini.hidden = !zoomed;
    for (const [i, name] of ["x", "y", "width", "height"].entries())
      frame.setAttribute(name, `${goal[i]}`);
    if (`${goal}` === `${view}`) return;
    const [from, begun] = [view, performance.now()];
    view = goal;
    cancelAnimationFrame(flight);
    if (still.matches) return svg.setAttribute("viewBox", goal.join(" "));
    const fly = (now) => {
      const t = Math.min(1, Math.max(0, (now - begun) / 350));
      const by = t * t * (3 - 2 * t);
      svg.setAttribute("viewBox", goal.map((to, i) => to * by + from[i] * (1 - by)).join(" "));
      if (t < 1) flight = requestAnimationFrame(fly);
    };
    flight = requestAnimationFrame(fly);
  }

  // --- what the reader does ---------------------------------------------------------------------
  function step(n) {
    at.step = Math.max(0, Math.min(here.steps.length, n));
    draw();
    if (plane.clientHeight > innerHeight)
      here.svg.querySelector(".lit[data-part]")?.scrollIntoView({ block: "center" });
    say(`${count.textContent}. ${sentence.textContent}`);
  }
  function turn(n) {
    at.moment = (n + shown.rows.length) % (shown.rows.length || 1);
    draw();
    say(`${moment.textContent}. ${at.part < 0 ? "" : reading.textContent}`);
  }
  function choose(k) {
    [at.part, at.slot] = [k, null];
    draw();
    if (k >= 0) say(reading.textContent);
  }
  plane.addEventListener("keydown", (event) => {
    if (isCommand(event)) return;
    const n = here.spots.length;
    const does = {
      ArrowRight: () => step(at.step + 1),
      ArrowLeft: () => step(at.step - 1),
      ArrowDown: () => choose((at.part + 1) % n),
      ArrowUp: () => choose((at.part + n + (at.part < 0 ? 0 : -1)) % n),
      Home: () => step(0),
      End: () => step(here.steps.length),
      Enter: () => open(),
      PageDown: () => turn(at.moment + 1),
      PageUp: () => turn(at.moment - 1),
      Escape: () => (above.length ? leave() : at.part < 0 ? step(0) : choose(-1)),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  /** Which slot or step stands where it is pointed at. */
  const slotOf = (target) => {
    const one = target.closest("[data-j]");
    return +(one?.dataset.slot ?? one?.dataset.j ?? 0);
  };

  /** Say what is pointed at; a click on what was told already looks inside. */
  function under({ target, type }) {
    const { spots, opens } = here;
    const k = spots.indexOf(target.closest?.("[data-part]"));
    if (k < 0) return;
    const again = at.part === k;
    [at.part, at.slot] = [k, slotOf(target)];
    for (const node of spots) node.classList.toggle("on", node === spots[k]);
    write(reading, about(k));
    inside.hidden = !(spots[k].dataset.part in opens);
    if (again && type === "click") open();
  }
  // A slide asks first whether there is another step, before it turns.
  root.addEventListener("lv-step", (event) => {
    const to = at.step + event.detail.by;
    if (to < 0 || to > here.steps.length) return;
    event.preventDefault();
    step(to);
  });

  // --- what is taken along ----------------------------------------------------------------------
  /** The parts, what they are, their shapes, and the numbers that fill them now. */
  function rows() {
    const lines = here.spots.map((node) => {
      const [says, shape] = here.parts[node.dataset.part];
      return [node.dataset.part, says, shape && `(${shape})`];
    });
    return [["part", "is", "shape"], ...lines];
  }

  /** Put the state on the screen. */
  function show(state) {
    shown = whole(state);
    [at.moment, at.slot] = [0, null];
    draw();
    if (state.n) say(state.rows.join(" "));
  }

  el.append(root);
  turnTo(here);
  show(given);
  const room = new ResizeObserver(aim);
  room.observe(plane);
  onTheme(() => here.fill(shown, at.moment), signal);
  signal.addEventListener("abort", () => {
    room.disconnect();
    cancelAnimationFrame(flight);
  });
}

export default { render };
