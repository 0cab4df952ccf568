// What can be said of gates by class: which differ, by how much, and what is held. As __init__.py.

import { chances, percent } from "../shared/classes.js";
import { fixed } from "../shared/words.js";

/** A layer: `mean` and `spread` of its gates, of each class one row of C.
 * @typedef {{name: string, C: number, mean: Float32Array, spread: Float32Array}} Layer */
/** How each channel of a layer is held: "off", "mean", or "" as computed. @typedef {string[]} Held */

const absolute = (list) => list.map(Math.abs);
const average = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** By how much the means of two classes differ. @param {Layer} layer @param {number[]} pair */
export const apart = ({ C, mean }, [a, b]) =>
  Array.from({ length: C }, (_, c) => mean[a * C + c] - mean[b * C + c]);

/** How two classes spread together: the root of the mean of their variances.
 * @param {Layer} layer @param {number[]} pair */
export const pooled = ({ C, spread }, [a, b]) =>
  Array.from(
    { length: C },
    (_, c) => Math.hypot(spread[a * C + c], spread[b * C + c]) / Math.SQRT2,
  );

/** The means over all images. @param {Layer} layer @param {number[]} counts images of each class */
export function overall({ C, mean }, counts) {
  const all = counts.reduce((a, b) => a + b);
  return Array.from({ length: C }, (_, c) =>
    counts.reduce((sum, n, k) => sum + (n / all) * mean[k * C + c], 0),
  );
}

/** How far the means of the classes lie apart in each channel. @param {Layer} layer */
export function between({ C, mean }) {
  const K = mean.length / C;
  return Array.from({ length: C }, (_, c) => {
    const list = Array.from({ length: K }, (_, k) => mean[k * C + c]);
    return Math.max(...list) - Math.min(...list);
  });
}

export const SORTS = ["number", "mean", "difference, all", "difference, two"];

/** The channels in an order of `SORTS`, the largest first.
 * @param {Layer} layer @param {number[]} counts @param {number[]} pair @param {number} sort */
export function ordered(layer, counts, pair, sort) {
  const order = Array.from({ length: layer.C }, (_, c) => c);
  if (!sort) return order;
  const by = [
    () => overall(layer, counts),
    () => between(layer),
    () => absolute(apart(layer, pair)),
  ][sort - 1]();
  return order.sort((a, b) => by[b] - by[a]);
}

/** Which gate differs most between two classes. @param {Layer} layer @param {string[]} labels
 * @param {number[]} pair */
export function told(layer, labels, pair) {
  const { name, C, mean, spread } = layer;
  const differences = absolute(apart(layer, pair));
  const c = differences.indexOf(Math.max(...differences));
  const [p, q] = pair.map((k) => `${fixed(mean[k * C + c])} for “${labels[k]}”`);
  const [s, t] = pair.map((k) => fixed(spread[k * C + c]));
  return `${name}, ${C} channels: channel ${c + 1} differs most, ${p} and ${q}; within a class it spreads by ${s} and ${t}. In the mean over channels the classes differ by ${fixed(average(differences))} and spread by ${fixed(average(pooled(layer, pair)))}.`;
}

/** One gate of one class, beside those of the others, in words.
 * @param {Layer} layer @param {string[]} labels @param {number} k the class @param {number} c */
export function cell({ name, C, mean, spread }, labels, k, c) {
  const list = labels.map((_, i) => mean[i * C + c]);
  const [least, most] = [Math.min(...list), Math.max(...list)];
  const at = (x) => `${fixed(x)} (“${labels[list.indexOf(x)]}”)`;
  return `${name}, channel ${c + 1}: ${fixed(list[k])} for “${labels[k]}”, within it a spread of ${fixed(spread[k * C + c])}; of all classes from ${at(least)} to ${at(most)}.`;
}

const NAMED = { off: "off", mean: "at the mean" };

/** What is held, in words; "" where nothing is. @param {Map<string, Held>} held by layer */
export function heldWords(held) {
  const said = [...held].flatMap(([name, list]) =>
    Object.entries(NAMED).flatMap(([how, words]) => {
      const which = list.flatMap((one, c) => (one === how ? [c + 1] : []));
      if (!which.length) return [];
      if (which.length === list.length) return [`all ${list.length} channels of ${name} ${words}`];
      const s = which.length > 1 ? "s" : "";
      const few = which.length > 6 ? `${which.length} channels` : `channel${s} ${which.join(", ")}`;
      return [`${few} of ${name} ${words}`];
    }),
  );
  return said.join("; ");
}

/** The numbers that a model is asked to hold a layer at: below 0 as computed.
 * @param {Held} list @param {number[]} means over all images */
export const values = (list, means) =>
  list.map((how, c) => (how === "off" ? 0 : how === "mean" ? means[c] : -1));

/** The answer with what is held. @param {string[]} labels @param {number[]} scores
 * @param {string} held in words */
export function answeredHeld(labels, scores, held) {
  const sure = chances(scores);
  const best = sure.indexOf(Math.max(...sure));
  return `With ${held}: “${labels[best]}”, ${percent(sure[best])}.`;
}
