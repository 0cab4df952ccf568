// Where the camera of a picture stands: rectangles [x, y, width, height], in the picture's units.

/** @typedef {[number, number, number, number]} Frame */
/** What is drawn, where, and whether the step is about it.
 * @typedef {{box: Frame, lit: boolean}} Drawn */

const LIT = 4; // times as bad to cut as what the step is not about

/** Whether all of a box is seen. @param {Frame} view @param {Frame} box */
const holds = ([x, y, width, height], [left, top, wide, high]) =>
  left >= x && top >= y && left + wide <= x + width && top + high <= y + height;

/** Whether an edge of the view runs through a box. @param {Frame} view @param {Frame} box */
export function cuts(view, box) {
  const [[x, y, width, height], [left, top, wide, high]] = [view, box];
  const meets = left < x + width && top < y + height && left + wide > x && top + high > y;
  return meets && !holds(view, box);
}

/**
 * A view of a given size that holds a step's frame and cuts as little as it can; of equal ones the
 * upper left one.
 * @param {Frame} frame what has to be seen
 * @param {[number, number]} long width and height of the view, at least those of the frame
 * @param {Frame} size of the picture, which the view does not leave
 * @param {Drawn[]} drawn
 * @returns {Frame}
 */
export function placed(frame, long, size, drawn) {
  /** Where the view may begin, along an axis: beside an edge of what is drawn, or at an end. */
  const begins = [0, 1].map((i) => {
    const least = Math.max(0, frame[i] + frame[i + 2] - long[i]);
    const most = Math.min(frame[i], size[i + 2] - long[i]);
    const edges = drawn.flatMap(({ box }) =>
      [box[i], box[i] + box[i + 2]].flatMap((edge) => [edge, edge - long[i]]),
    );
    const free = edges.filter((edge) => edge > least && edge < most);
    return [...new Set([least, ...free, Math.max(least, most)])].sort((a, b) => a - b);
  });
  let [best, least] = [frame, Infinity];
  for (const y of begins[1])
    for (const x of begins[0]) {
      const view = /** @type {Frame} */ ([x, y, ...long]);
      const harm = drawn.reduce((sum, { box, lit }) => {
        if (lit) return sum + (holds(view, box) ? 0 : LIT);
        return sum + (cuts(view, box) ? 1 : 0);
      }, 0);
      if (harm < least) [best, least] = [view, harm];
    }
  return best;
}
