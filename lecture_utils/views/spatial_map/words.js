// What the view says of a map. As __init__.py says it.

import { fixed } from "../shared/words.js";

/** A weight, with more digits where it is small. @param {number} x */
export const small = (x) => (x >= 0.0995 || !x ? fixed(x) : x.toFixed(x >= 0.00995 ? 3 : 4));

/** @param {number[]} cell */
const at = ([i, j]) => `row ${i + 1}, column ${j + 1}`;

/** Mean of some numbers, each counted as much as another says. */
function weighed(values, counts) {
  let [sum, all] = [0, 0];
  values.forEach((x, k) => {
    sum += x * counts[k];
    all += counts[k];
  });
  return sum / all;
}

/**
 * What is shown, where it is largest, and how much of it lies inside the outline.
 * @param {{name: string, shape: number[], values: Float32Array, queries: number[] | null,
 *   cell: number[] | null, inside: Float32Array | null}} shown the map (h, w), the grid of queries
 *   of an address, the place that is pointed at, and how much of each place is outlined
 */
export function told({ name, shape: [h, w], values, queries, cell, inside }) {
  const most = Math.max(...values);
  const k = values.indexOf(most);
  const top = at([Math.floor(k / w), k % w]);
  const grid = `${h} × ${w} places`;
  const said = queries
    ? `${name}: ${cell ? `the query at ${at(cell)} gives` : `all ${queries[0] * queries[1]} queries give in the mean`} most weight to ${top} of ${grid}, ${small(most)}.`
    : cell
      ? `${name}, ${at(cell)} of ${grid}: ${small(values[cell[0] * w + cell[1]])}.`
      : `${name}, ${grid}: from ${small(Math.min(...values))} to ${small(most)}, largest at ${top}.`;
  const part = inside?.reduce((a, b) => a + b, 0);
  if (!inside || !part || part >= h * w - 1e-6) return said;
  const within = weighed(values, inside);
  if (!queries) {
    const outside = weighed(
      values,
      inside.map((x) => 1 - x),
    );
    return `${said} In the mean ${small(within)} inside the outline, ${small(outside)} outside.`;
  }
  const sum = values.reduce((a, b) => a + b, 0);
  if (!sum) return said;
  return `${said} Inside the outline lies ${small((within * part) / sum)} of the weight; spread evenly it would be ${small(part / (h * w))}.`;
}
