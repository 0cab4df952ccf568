// Elements, small controls, and what every view does at its root.

/**
 * An element. Attributes by name, listeners as "onclick"; null leaves one out, so does false,
 * except in aria-*, where it is a value.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children nodes and texts; what is false, null or "" is left out
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    const flag = typeof value === "boolean" && !name.startsWith("aria-");
    if (name.startsWith("on")) el[name] = value;
    else if (flag) el.toggleAttribute(name, value);
    else if (value != null) el.setAttribute(name, value);
  }
  el.append(...children.filter((child) => child || child === 0));
  return el;
}

/** An element of SVG. @param {string} tag @param {Record<string, any>} attributes
 * @param {...Node} children */
export function svgNode(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** @param {string} name @param {...any} children */
export const div = (name, ...children) => h("div", { class: `lv-${name}` }, ...children);

/**
 * The root of a view: its title, and its parts. Keys that are pressed in it are its own: a notebook
 * would move to another cell at an arrow, and delete this one at "d d".
 * @param {string} name whose first word is its class, and which names it where it has no title
 * @param {string} title @param {...any} parts as of `h`
 */
export function root(name, title, ...parts) {
  const told = {
    class: `lv lv-${name.replace(/ .*/, "")}`,
    role: "group",
    "aria-label": title || name,
  };
  const el = h("div", told, title && h("p", { class: "lv-title" }, title), ...parts);
  el.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  return el;
}

/** @param {string} text @param {string} label @param {() => void} onclick */
export const button = (text, label, onclick) =>
  h("button", { type: "button", "aria-label": label === text ? null : label, onclick }, text);

/** @param {string} label @param {...any} children */
export const group = (label, ...children) =>
  h("span", { class: "lv-group", role: "group", "aria-label": label }, ...children);

export const unique = () => `lv${Math.random().toString(36).slice(2)}`;

/**
 * A small choice as radio buttons.
 * @param {string} label @param {string[]} options
 * @param {(index: number) => void} change
 */
export function choice(label, options, change, chosen = 0) {
  const name = unique();
  return h(
    "span",
    { class: "lv-choice", role: "radiogroup", "aria-label": label },
    ...options.map((text, i) =>
      h(
        "label",
        {},
        h("input", { type: "radio", name, checked: i === chosen, onchange: () => change(i) }),
        h("span", {}, text),
      ),
    ),
  );
}

/**
 * A labelled slider, in a `div("dials")`, and `put`, which moves it.
 * @param {string} label @param {[number, number, number]} range from, to, in steps of
 * @param {(position: number) => void} change hears where the reader has moved it
 * @param {(position: number) => string} text what is said of a position
 * @param {string[]} ends words at its two ends
 */
export function slider(label, [min, max, step], change, text, ends = ["", ""]) {
  const id = unique();
  const oninput = () => {
    change(+input.value);
    tell();
  };
  const input = h("input", { id, type: "range", min, max, step, oninput });
  const value = h("output", { for: id, "aria-hidden": true });
  function tell() {
    value.textContent = text(+input.value);
    input.setAttribute("aria-valuetext", value.textContent);
  }
  /** @param {number} position */
  function put(position) {
    input.value = position;
    tell();
  }
  const [from, to] = ends.map((word) => h("span", { "aria-hidden": true }, word));
  return { el: div("dial", h("label", { for: id }, label), from, input, to, value), put };
}

/** Texts that a reader can try with one click. @param {[string, () => void][]} attempts */
export const tries = (attempts, name = "try") =>
  div("tries", name, ...attempts.map(([text, onclick]) => button(text, text, onclick)));

/** A table of texts below a view, and the button that opens it; cells as `cell` makes them.
 * @param {string} name @param {string} label @param {() => (string | number)[][]} rows
 * @param {(text: any, i: number, j: number) => Node} [cell] */
export function tabled(name, label, rows, cell = (text) => h("td", {}, text)) {
  const region = { tabindex: 0, role: "region", "aria-label": label };
  const table = h("div", { class: "lv-table", ...region });
  const toggle = button(name, name, () => tabulate(table.hidden));
  function tabulate(open = !table.hidden) {
    table.hidden = !open;
    toggle.setAttribute("aria-expanded", open);
    if (!open) return table.replaceChildren();
    const [head, ...body] = rows();
    const line = ([first, ...list], i) =>
      h("tr", {}, h("th", { scope: "row" }, first), ...list.map((text, j) => cell(text, i, j)));
    const top = head.map((text) => h("th", { scope: "col" }, text));
    table.replaceChildren(
      h("table", {}, h("thead", {}, h("tr", {}, ...top)), h("tbody", {}, ...body.map(line))),
    );
  }
  tabulate(false);
  return { table, toggle, tabulate };
}

/** A region that says, politely and after a pause, the last text it was given. */
export function announcer(parent) {
  const region = h("div", { class: "lv-hidden", "aria-live": "polite" });
  parent.append(region);
  let timer;
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      region.textContent = text;
    }, 250);
  };
}

/** Whether the reader points with a finger. */
export const touches = () => matchMedia("(pointer: coarse)").matches;

/** What to do to see more, for a finger or a pointer. @param {string} what */
export const hint = (what) => `${touches() ? "Tap" : "Point at"} ${what}`;

/** Lay an element over a part of its parent.
 * @param {HTMLElement} el @param {number[]} sides top, left, height, width, as parts of 1 */
export function lay(el, sides) {
  const [top, left, height, width] = sides.map((x) => `${100 * x}%`);
  Object.assign(el.style, { top, left, height, width });
}

/** Call `seen` once, when a reader first sees the middle of `el`.
 * @param {Element} el @param {() => void} seen @param {AbortSignal} signal */
export function atFirstSight(el, seen, signal) {
  const watch = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      watch.disconnect();
      seen();
    },
    { threshold: 0.5 },
  );
  watch.observe(el);
  signal.addEventListener("abort", () => watch.disconnect());
}

/** Let the animation of class lv-come run from its beginning. @param {HTMLElement} el */
export function come(el) {
  el.classList.remove("lv-come");
  el.getBoundingClientRect(); // without a look in between nothing would begin anew
  el.classList.add("lv-come");
}

/** Set a text if it is another one, and give it. @param {Node} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return text;
}
