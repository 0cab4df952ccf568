/**
 * Deal the blocks of a section onto slides: pure, so that it is tested without a browser.
 *
 * @typedef {object} Block
 * @property {boolean} folds a solution, which stays with what it solves
 * @property {boolean} introduces a heading or a line that ends in a colon: never last on a slide
 * @property {boolean} scant a short paragraph, which does not stand alone
 *
 * @typedef {{ top: number, bottom: number, wide: boolean }} Size
 * @typedef {{ from: number, to: number, scale: number }} Deal blocks [from, to) at a scale
 *
 * @typedef {object} Screen
 * @property {number} room the height of a slide
 * @property {number[]} scales those to try, from the largest to the smallest that is legible
 */

/**
 * A section is split rather than set smaller than the last scale; what is wider or taller than a
 * slide even then is set in that scale, and scrolls.
 *
 * @param {Block[]} blocks
 * @param {number[]} breaks the blocks that must begin a slide
 * @param {(index: number, scale: number) => Size} at the size of a block; of the heading for -1
 * @param {Screen} screen
 * @returns {Deal[]}
 */
export function deal(blocks, breaks, at, { room, scales }) {
  const floor = scales.at(-1);

  const tall = (from, to, scale) => {
    const first = blocks.length ? at(0, scale).top : at(-1, scale).bottom;
    const head = first - at(-1, scale).top;
    return to > from ? head + at(to - 1, scale).bottom - at(from, scale).top : head;
  };
  const anyWide = (from, to, scale) => {
    for (let i = from; i < to; i++) if (at(i, scale).wide) return true;
    return false;
  };
  const fits = (from, to, scale) =>
    tall(from, to, scale) <= room && (scale === floor || !anyWide(from, to, scale));
  const tied = (i) => blocks[i].folds || blocks[i - 1].introduces;

  const pack = (start, end, limit) => {
    const parts = [];
    for (let from = start; from < end; ) {
      let to = from + 1;
      const fit = () => fits(from, to + 1, floor);
      const joins = () => tied(to) || blocks[to].scant || (to - from < 2 && blocks[from].scant);
      while (to < end && fit() && (tall(from, to + 1, floor) <= limit || joins())) to++;
      let kept = to;
      while (kept > from && kept < end && tied(kept)) kept--;
      if (kept > from) to = kept;
      parts.push([from, to]);
      from = to;
    }
    return parts;
  };

  const stretch = (start, end) => {
    const largest = (from, to) => scales.find((scale) => fits(from, to, scale));
    const set = ([from, to]) => ({ from, to, scale: largest(from, to) ?? floor });
    if (largest(start, end) || start === end) return [set([start, end])];
    let parts = pack(start, end, room);
    for (let limit = room; limit > room / 3; limit -= room / 20) {
      const even = pack(start, end, limit);
      if (even.length > parts.length) break;
      parts = even; // as even as it goes
    }
    return parts.map(set);
  };

  if (!blocks.length) return stretch(0, 0);
  const edges = [...new Set([0, ...breaks, blocks.length])];
  return edges.slice(1).flatMap((edge, i) => stretch(edges[i], edge));
}
