// What every view shares: DOM, weights, colours, the roving grid, words, table, export, theme.
const core = (() => {
  /** An element. Attributes by name, listeners as "onclick"; null leaves one out, so does false,
   *  except in aria-*, where it is a value. */
  function h(tag, attributes = {}, ...children) {
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

  /** Weights from bytes (base64 in a page, a DataView from a kernel), as packed in _base.py. */
  function unpack({ weights, packing }) {
    let bytes;
    if (typeof weights === "string") {
      const text = atob(weights);
      bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    } else bytes = new Uint8Array(weights.buffer ?? weights, weights.byteOffset ?? 0, weights.byteLength);
    if (packing !== "u16") return Float32Array.from(bytes, (b) => (b / 255) ** 2);
    const values = new Float32Array(bytes.length / 2);
    for (let i = 0; i < values.length; i++) values[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) / 65535;
    return values;
  }

  const VIRIDIS = "44015448186a472d7b4240863b528b33638d2c728e26828e21918c1fa08828ae803fbc735ec96284d44baddc30d8e219fde725";
  const stop = (i) => [0, 2, 4].map((k) => parseInt(VIRIDIS.slice(6 * i + k, 6 * i + k + 2), 16));
  const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

  /** 256 colours from the paper's own (0) to its far end (1): viridis, whose first quarter fades in.
   *  Lightness is monotone on white and on dark paper. paper: [r, g, b]. */
  function palette(paper) {
    const flip = light(paper) > 128;
    return Array.from({ length: 256 }, (_, k) => {
      const t = k / 255;
      const x = 16 * (flip ? 1 - t : t);
      const [a, b] = [stop(Math.floor(x)), stop(Math.ceil(x))];
      const ink = Math.min(1, 4 * t);
      return paper.map((p, c) => Math.round(p + ink * (a[c] + (x % 1) * (b[c] - a[c]) - p)));
    });
  }

  let pen; // one for the page
  /** Pixels that the widest of some words takes; only the longest dozen can be it. */
  function widest(words, font) {
    pen ??= h("canvas").getContext("2d");
    pen.font = font;
    const longest = [...words].sort((a, b) => b.length - a.length).slice(0, 12);
    return Math.ceil(Math.max(...longest.map((word) => pen.measureText(word).width)));
  }

  const rgb = (colour) => `rgb(${colour})`;
  /** Ink that can be read on a colour. */
  const inkOn = (colour) => (light(colour) > 120 ? "#000" : "#fff");

  /** Call `changed` whenever the page changes between light, dark and forced colours. */
  function onTheme(changed, signal) {
    const observer = new MutationObserver(changed);
    const watch = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] };
    observer.observe(document.documentElement, watch);
    observer.observe(document.body, watch);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
      matchMedia(query).addEventListener("change", changed, { signal });
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** A region that says, politely and after a pause, the last text it was given. */
  function announcer(parent) {
    const region = h("div", { class: "lv-hidden", "aria-live": "polite" });
    parent.append(region);
    let timer;
    return (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => (region.textContent = text), 250);
    };
  }

  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e9], End: [0, 1e9] };
  /** Keys of a grid with one tab stop. on: {size() -> [rows, columns], at() -> [row, column] | null,
   *  go([row, column]), page(-1 | 1), clear()}. */
  function roving(el, on) {
    el.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const { key } = event;
      if (MOVES[key]) {
        const at = on.at();
        on.go(on.size().map((n, i) => Math.max(0, Math.min(n - 1, at ? at[i] + MOVES[key][i] : 0))));
      } else if (key === "PageUp" || key === "PageDown") on.page(key === "PageUp" ? -1 : 1);
      else if (key === "Escape") on.clear();
      else return;
      event.preventDefault();
      event.stopPropagation(); // a notebook has its own use for these keys
    });
  }

  const nth = (n) => n + (["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th");
  /** A word in quotes; the which-th, where the list has it more than once. */
  function quote(words, i) {
    const twice = words.indexOf(words[i]) !== words.lastIndexOf(words[i]);
    const rank = words.slice(0, i + 1).filter((word) => word === words[i]).length;
    return `“${words[i]}”${twice ? ` (${nth(rank)})` : ""}`;
  }

  function peak(list) {
    let most = 0;
    for (let k = 0; k < list.length; k++) if (list[k] > most) most = list[k];
    return most;
  }

  /** Entropy in bits of weights, scaled to sum to 1. */
  function entropy(weights) {
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.reduce((bits, w) => (w > 0 ? bits - (w / sum) * Math.log2(w / sum) : bits), 0);
  }

  const save = (blob, name) => {
    const link = h("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
  };
  const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt()};`);
  const csv = (rows) =>
    rows.map((row) => row.map((cell) => (/[",\n]/.test(cell) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell)).join()).join("\r\n") + "\r\n";

  /** Buttons that save an SVG text, the same as PNG at twice its size, and rows as CSV. */
  function saves(name, svg, rows) {
    const write = {
      SVG: () => save(new Blob([svg()], { type: "image/svg+xml" }), `${name}.svg`),
      async PNG() {
        const image = new Image();
        image.src = `data:image/svg+xml,${encodeURIComponent(svg())}`;
        await image.decode();
        const canvas = h("canvas", { width: 2 * image.width, height: 2 * image.height });
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(blob, `${name}.png`));
      },
      CSV: () => save(new Blob(["\ufeff", csv(rows())], { type: "text/csv" }), `${name}.csv`),
    };
    return Object.entries(write).map(([kind, onclick]) =>
      h("button", { type: "button", onclick, "aria-label": `save as ${kind}` }, kind));
  }

  const group = (label, ...children) => h("span", { class: "lv-group", role: "group", "aria-label": label }, ...children);
  const unique = () => `lv${Math.random().toString(36).slice(2)}`;

  /** A small choice as radio buttons. options: texts; change(index). */
  function choice(label, options, change, chosen = 0) {
    const name = unique();
    return h("span", { class: "lv-choice", role: "radiogroup", "aria-label": label }, ...options.map((text, i) =>
      h("label", {}, h("input", { type: "radio", name, checked: i === chosen, onchange: () => change(i) }), h("span", {}, text))));
  }

  return { h, unpack, palette, widest, rgb, inkOn, onTheme, announcer, roving, quote, nth, peak, entropy, escape, saves, group, choice, unique };
})();
