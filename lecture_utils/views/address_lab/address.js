// From a setting of the lab to its weights and its read, and both in words.

import { entropy } from "../shared/weights.js";
import { fixed, listed } from "../shared/words.js";

/** @typedef {{memory: number[][], query: number[], previous: number[], slots: string[],
 *   cosine: boolean, temperature: number, gate: number, shift: number, blur: number,
 *   sharpen: number}} Setting */

const add = (list) => list.reduce((sum, x) => sum + x, 0);
const dot = (a, b) => add(a.map((x, k) => x * b[k]));

/**
 * The arithmetic of lecture_utils.addressing: scores over the temperature and a softmax, the gate,
 * the circular shift, the sharpening, the read.
 * @param {Setting} setting
 */
export function address({
  memory,
  query,
  previous,
  cosine,
  temperature,
  gate,
  shift,
  blur,
  sharpen,
}) {
  const n = memory.length;
  const size = (a) => (cosine ? Math.max(Math.sqrt(dot(a, a)), 1e-12) : 1);
  const scores = memory.map((row) => dot(row, query) / (size(row) * size(query)));
  const most = Math.max(...scores);
  const first = scores.indexOf(most);
  const parts = scores.map((e, i) =>
    temperature ? Math.exp((e - most) / temperature) : +(i === first),
  );
  const content = parts.map((p) => p / add(parts));
  const gated = content.map((w, i) => gate * w + (1 - gate) * previous[i]);
  const kernel = [-1, 0, 1].map((step) => (step === shift ? 1 - 2 * blur : blur));
  const shifted = gated.map((_, i) => add(kernel.map((s, k) => s * gated[(i + 1 - k + n) % n])));
  const powers = shifted.map((w) => (w / Math.max(...shifted)) ** sharpen);
  const weights = powers.map((p) => p / add(powers));
  const read = query.map((_, k) => add(weights.map((w, i) => w * memory[i][k])));
  return { scores, content, kernel, weights, read };
}

/**
 * The address and the read in words, as lecture_utils.views.address_lab says them.
 * @param {string[]} slots @param {number[]} weights @param {number[]} read
 */
export function told(slots, weights, read) {
  const order = [...slots.keys()].sort((a, b) => +weights[b].toFixed(9) - +weights[a].toFixed(9));
  const shown = order.filter((i) => weights[i] >= 0.005);
  const most = shown.slice(0, 2).map((i) => `“${slots[i]}” ${fixed(weights[i])}`);
  const terms = shown.slice(0, 3).map((i) => `${fixed(weights[i])} × ${slots[i]}`);
  if (shown.length > 3) terms.push("…");
  const bits = `${entropy(weights).toFixed(1)} of ${Math.log2(weights.length).toFixed(1)} bits`;
  return (
    `Most weight: ${most.join(", then ")}. Sum ${fixed(add(weights))}, entropy ${bits}. ` +
    `r = ${terms.join(" + ")} = ${listed(read)}.`
  );
}

/**
 * A number as a reader types it, or what is wrong with it.
 * @param {string} text @param {number} largest
 * @returns {{value: number, wrong: string}}
 */
export function parse(text, largest) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  const value = plain ? +plain : Number.NaN;
  if (!Number.isFinite(value)) return { value, wrong: "is not a number" };
  const far = Math.abs(value) > largest;
  return { value, wrong: far ? `is out of range, −${largest} to ${largest}` : "" };
}
