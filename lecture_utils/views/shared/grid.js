// The keys of a grid with one tab stop.

/** @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -1e9],
  End: [0, 1e9],
};

/** Whether a key is pressed with another that makes it a command. @param {KeyboardEvent} event */
export const isCommand = (event) => event.altKey || event.ctrlKey || event.metaKey;

/**
 * @param {HTMLElement} el
 * @param {{size: () => number[], at: () => number[] | null, go: (cell: number[]) => void,
 *   page: (by: -1 | 1) => boolean | void, clear: () => void}} on `page` gives false where there is
 *   nothing to turn to: the key is the page's
 */
export function roving(el, on) {
  el.addEventListener("keydown", (event) => {
    if (isCommand(event)) return;
    const { key } = event;
    if (MOVES[key]) {
      const at = on.at();
      const moved = (i) => (at ? at[i] + MOVES[key][i] : 0);
      on.go(on.size().map((n, i) => Math.max(0, Math.min(n - 1, moved(i)))));
    } else if (key.startsWith("Page")) {
      if (on.page(key === "PageUp" ? -1 : 1) === false) return;
    } else if (key === "Escape") on.clear();
    else return;
    event.preventDefault();
  });
}

/** Where of a grid a pointer is, if it is over `on`. @param {Element} on
 * @param {{clientX: number, clientY: number}} pointer @param {number[]} grid its (rows, columns) */
export function under(on, { clientX, clientY }, grid) {
  const { left, top, width, height } = on.getBoundingClientRect();
  return [(clientY - top) / height, (clientX - left) / width].map((part, k) =>
    Math.max(0, Math.min(grid[k] - 1, Math.floor(part * grid[k]))),
  );
}
