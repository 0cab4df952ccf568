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
 * @property {number} largest the largest scale
 * @property {number[]} scales every scale to try, from the largest on
 */

export const LEGIBLE = 1.2; // a section is split rather than set smaller

/**
 * @param {Block[]} blocks
 * @param {number[]} breaks the blocks that must begin a slide
 * @param {(index: number, scale: number) => Size} at the size of a block; of the heading for -1
 * @param {Screen} screen
 * @returns {Deal[]}
 */
export function deal(blocks, breaks, at, { room, largest, scales }) {
  const floor = Math.min(LEGIBLE, largest);

  const tall = (from, to, scale) => {
    const first = blocks.length ? at(0, scale).top : at(-1, scale).bottom;
    const head = first - at(-1, scale).top;
    return to > from ? head + at(to - 1, scale).bottom - at(from, scale).top : head;
  };
  const anyWide = (from, to, scale) => {
    for (let i = from; i < to; i++) if (at(i, scale).wide) return true;
    return false;
  };
  const fits = (from, to, scale, most = LEGIBLE) =>
    tall(from, to, scale) <= room && (scale <= most || !anyWide(from, to, scale));
  const tied = (i) => blocks[i].folds || blocks[i - 1].introduces;

  const pack = (start, end, scale, limit) => {
    const parts = [];
    for (let from = start; from < end; ) {
      let to = from + 1;
      const joins = () =>
        fits(from, to + 1, blocks[to].folds ? 0.8 : 1) &&
        (tied(to) || blocks[to].scant || (to - from < 2 && blocks[from].scant));
      const takes = () => fits(from, to + 1, scale) && tall(from, to + 1, scale) <= limit;
      while (to < end && (takes() || joins())) to++;
      let kept = to;
      while (kept > from && kept < end && tied(kept)) kept--;
      if (kept > from) to = kept;
      parts.push([from, to]);
      from = to;
    }
    return parts;
  };

  const stretch = (from, to) => {
    const whole = scales.find((scale) => scale >= floor && fits(from, to, scale));
    const comfortable = scales.filter((s) => s >= floor && s <= Math.max(1.5, floor));
    // What is wide is set down to the page's own size.
    const set = (from, to, most) => ({
      from,
      to,
      scale: scales.find((s) => s <= most && fits(from, to, s, 1)) ?? scales.at(-1),
    });
    if (whole || from === to) return [set(from, to, whole ?? floor)];
    const tries = comfortable.map((scale) => ({ scale, parts: pack(from, to, scale, room) }));
    let { scale, parts } = tries.reduce((best, other) =>
      other.parts.length < best.parts.length ? other : best,
    );
    for (let limit = room; limit > room / 3; limit -= room / 20) {
      const even = pack(from, to, scale, limit);
      if (even.length > parts.length) break;
      parts = even; // as even as it goes
    }
    return parts.map(([from, to]) => set(from, to, comfortable[0]));
  };

  if (!blocks.length) return stretch(0, 0);
  const edges = [...new Set([0, ...breaks, blocks.length])];
  return edges.slice(1).flatMap((edge, i) => stretch(edges[i], edge));
}
