// What the view says of a map. As __init__.py says it.

import { fixed } from "../shared/words.js";

/** The size of a layer. @param {number[]} shape */
export const sized = ([C, h, w]) =>
  h === undefined ? `${C} values` : `${C} ${C === 1 ? "map" : "maps"} of ${h} × ${w}`;

/** The part of the image that a value of a layer sees: [top, left, height, width], in its pixels.
 * @param {[number, number, number]} field its size, its step from value to value, where the first begins
 * @param {number[]} cell the value's row and column */
export const seen = ([size, step, start], [i, j]) => [
  start + step * i,
  start + step * j,
  size,
  size,
];

/** Rows or columns, counted from 1, as far as they lie in the image. */
const span = (kind, from, size, most) => {
  const [a, b] = [Math.max(1, from + 1), Math.min(most, from + size)];
  return a === b ? `${kind} ${a}` : `${kind}s ${a} to ${b}`;
};

/**
 * A map, or one of its values, in words.
 * @param {{name: string, flat: number, shape: number[], values: Float32Array, field?: any}} layer
 * @param {number} map @param {number[] | null} cell @param {number[]} image its (C, H, W)
 */
export function told({ name, flat, shape, values, field }, map, cell, [, H, W]) {
  const [C, h, w] = shape;
  const own = values.subarray(map * h * w, map * h * w + (flat || h * w));
  const called = flat ? name : `${name}, map ${map + 1} of ${C}`;
  if (!cell) {
    const many = flat ? `, ${flat} values` : "";
    return `${called}${many}: from ${fixed(Math.min(...own))} to ${fixed(Math.max(...own))}.`;
  }
  const [i, j] = cell;
  const k = i * w + j;
  if (flat) return `${called}, value ${k + 1} of ${flat}: ${fixed(own[k])}.`;
  const value = `${called}, row ${i + 1}, column ${j + 1} of ${h} × ${w}: ${fixed(own[k])}.`;
  if (!field) return value;
  const [top, left, tall, wide] = seen(field, cell);
  const [rows, columns] = [span("row", top, tall, H), span("column", left, wide, W)];
  return `${value} It sees ${rows} and ${columns} of the image.`;
}
