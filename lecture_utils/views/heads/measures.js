// What can be said of a head in three numbers.

import { entropy, peak } from "../shared/weights.js";

/** @typedef {{entropy: number | null, distance: number | null, agreement: number | null}} Measures */

/** @param {number[]} list */
const mean = (list) => (list.length ? list.reduce((a, b) => a + b) / list.length : null);

/**
 * What measures a head, by its place among all, when it is first asked for: over the rows that read
 * anything, the mean entropy in bits; the mean distance of what is read from the row's own place,
 * or, where there are gold links, from the nearest gold column; and the share of rows with a gold
 * link whose largest weight (the first, if several) is on one. Null where no row counts.
 * @param {{values: Float32Array, shape: number[], gold: [number, number][]}} shown
 * @returns {(head: number) => Measures}
 */
export function measuring({ values, shape, gold }) {
  const [T, S] = shape.slice(2);
  const links = Array.from({ length: T }, (_, i) =>
    gold.filter(([r]) => r === i).map(([, c]) => c),
  );
  const counts = (i) => !gold.length || links[i].length;
  const far = (i, j) => Math.min(...(gold.length ? links[i] : [i]).map((c) => Math.abs(c - j)));
  const known = new Map();
  function measure(head) {
    const [bits, steps, hits] = [[], [], []];
    for (let i = 0; i < T; i++) {
      const list = values.subarray((head * T + i) * S, (head * T + i + 1) * S);
      const most = peak(list);
      if (!most) continue;
      bits.push(entropy(list));
      if (!counts(i)) continue;
      let [sum, way] = [0, 0];
      list.forEach((w, j) => {
        sum += w;
        way += w && w * far(i, j);
      });
      steps.push(way / sum);
      if (gold.length) hits.push(+links[i].includes(list.indexOf(most)));
    }
    return { entropy: mean(bits), distance: mean(steps), agreement: mean(hits) };
  }
  return (head) => {
    if (!known.has(head)) known.set(head, measure(head));
    return known.get(head);
  };
}

/** The heads' places, from the smallest of a measure (of agreement: from the largest); ties and
 * "place" in the model's own order, heads without the measure last.
 * @param {(head: number) => Measures} measure @param {number} n how many @param {string} by */
export function sorted(measure, n, by) {
  const places = Array.from({ length: n }, (_, k) => k);
  if (by === "place") return places;
  const sign = by === "agreement" ? -1 : 1;
  const value = (k) => (measure(k)[by] == null ? Infinity : sign * measure(k)[by]);
  return places.sort((a, b) => (value(a) === value(b) ? a - b : value(a) - value(b)));
}
