// What can be said of a head in three numbers.

import { entropy, peak } from "../shared/weights.js";

/** @typedef {{entropy: number | null, distance: number | null, agreement: number | null}} Measures */

/** @param {number[]} list */
const mean = (list) => (list.length ? list.reduce((a, b) => a + b) / list.length : null);

/**
 * Of every head, in the order of `values`, over the rows that read anything: the mean entropy in
 * bits; the mean distance of what is read from the row's own place, or, where there are gold links,
 * from the nearest gold column; and the share of rows with a gold link whose largest weight (the
 * first, if several) is on one. Null where no row counts.
 * @param {{values: Float32Array, shape: number[], gold: [number, number][]}} shown
 * @returns {Measures[]}
 */
export function measures({ values, shape, gold }) {
  const [L, H, T, S] = shape;
  const links = Array.from({ length: T }, (_, i) =>
    gold.filter(([r]) => r === i).map(([, c]) => c),
  );
  const far = links.map((columns, i) => {
    const from = gold.length ? columns : [i];
    return Float32Array.from({ length: S }, (_, j) =>
      Math.min(...from.map((c) => Math.abs(c - j))),
    );
  });
  return Array.from({ length: L * H }, (_, head) => {
    const [bits, steps, hits] = [[], [], []];
    for (let i = 0; i < T; i++) {
      const list = values.subarray((head * T + i) * S, (head * T + i + 1) * S);
      const most = peak(list);
      if (!most) continue;
      bits.push(entropy(list));
      if (gold.length && !links[i].length) continue;
      let [sum, way] = [0, 0];
      for (let j = 0; j < S; j++) {
        sum += list[j];
        way += list[j] * far[i][j];
      }
      steps.push(way / sum);
      if (gold.length) hits.push(+links[i].includes(list.indexOf(most)));
    }
    return { entropy: mean(bits), distance: mean(steps), agreement: mean(hits) };
  });
}

/** The heads' places, from the smallest of a measure (of agreement: from the largest); ties and
 * "place" in the model's own order, heads without the measure last.
 * @param {Measures[]} list @param {string} by */
export function sorted(list, by) {
  const places = [...list.keys()];
  if (by === "place") return places;
  const value = (k) =>
    (list[k][by] ?? Infinity) * (by === "agreement" && list[k][by] != null ? -1 : 1);
  return places.sort((a, b) => (value(a) === value(b) ? a - b : value(a) - value(b)));
}
