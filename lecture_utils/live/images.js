// Models that say of an image which class it is of: from a drawing to what the network sees and says.
// The page's half of lecture_utils.live.images; what is drawn becomes an image as by `centred` of
// lecture_utils.data.digits. Every error is a sentence for the reader.

const LEVELS = 255; // from paper, 0, to ink

/** The first and the last line that has ink. @param {number[]} mass of the lines */
const ends = (mass) => [mass.findIndex(Boolean), mass.findLastIndex(Boolean)];

/** The ink of each row, and of each column.
 * @param {ArrayLike<number>} levels @param {number[]} shape of the drawing, (h, w) */
function masses(levels, [h, w]) {
  const [rows, columns] = [h, w].map((n) => Array(n).fill(0));
  for (let k = 0; k < h * w; k++) {
    rows[Math.floor(k / w)] += levels[k];
    columns[k % w] += levels[k];
  }
  return [rows, columns];
}

/**
 * The part of a drawing that becomes the image: its top and left edge, and the pixels of the drawing
 * that are one of the image.
 * @param {ArrayLike<number>} levels of the drawing, whole numbers @param {number[]} shape its (h, w)
 * @param {{size: number[], box: number}} spec
 * @returns {number[]}
 */
export function frame(levels, shape, { size, box }) {
  const sides = masses(levels, shape);
  const inked = sides.map(ends);
  const step = Math.max(...inked.map(([a, b]) => b - a + 1)) / box;
  const starts = sides.map((mass, axis) => {
    const [a, b] = inked[axis];
    const [sum, moment] = mass.reduce(([s, m], x, k) => [s + x, m + x * (2 * k + 1)], [0, 0]);
    const moved = Math.floor(size[axis] / 2) - Math.floor((moment / (2 * sum) - a) / step);
    const room = size[axis] - Math.ceil((b - a + 1) / step); // what is drawn stays in the image
    return a - step * Math.min(Math.max(moved, 0), room);
  });
  return [...starts, step];
}

/** The lines of a drawing that a pixel of the image covers, and how much of the pixel each is.
 * @returns {[number, number][][]} */
const covered = (start, step, count, length) =>
  Array.from({ length: count }, (_, i) => {
    const [from, to] = [start + step * i, start + step * (i + 1)];
    const found = [];
    for (let y = Math.max(0, Math.floor(from)); y < Math.min(length, to); y++) {
      const part = (Math.min(to, y + 1) - Math.max(from, y)) / step;
      if (part > 0) found.push([y, part]);
    }
    return found;
  });

/**
 * A part of a drawing as an image: each pixel is the mean of what it covers, from paper, 0, to 1, ink.
 * @param {ArrayLike<number>} levels @param {number[]} shape of the drawing, (C, h, w)
 * @param {number[]} part as `frame` gives it @param {number[]} size (H, W)
 */
export function framed(levels, [channels, h, w], [top, left, step], [H, W]) {
  const [down, across] = [covered(top, step, H, h), covered(left, step, W, w)];
  const image = new Float32Array(channels * H * W);
  for (let k = 0; k < image.length; k++) {
    const from = Math.floor(k / (H * W)) * h;
    let sum = 0;
    for (const [y, much] of down[Math.floor(k / W) % H])
      for (const [x, more] of across[k % W]) sum += much * more * levels[(from + y) * w + x];
    image[k] = sum / LEVELS;
  }
  return image;
}

/** Refuse what is no drawing. @param {any} drawing @param {any} shape @param {any} spec */
function check(drawing, shape, { channels, size: [H, W] }) {
  const [c, h, w] = shape ?? [];
  if (!(c === channels && h * W === w * H && drawing?.length === c * h * w))
    throw Error(
      `The model sees ${channels} × ${H} × ${W} pixels, and drawings of the same proportions; this one is ${shape?.join(" × ")}.`,
    );
  if (!drawing.every((level) => Number.isInteger(level) && level >= 0 && level <= LEVELS))
    throw Error(`A drawing is of whole numbers from 0, paper, to ${LEVELS}, ink.`);
  if (!drawing.some(Boolean)) throw Error("There is nothing to read: draw something.");
}

/** @param {any} spec */
export const fits = ({ labels, size, channels, places, values }) =>
  Array.isArray(labels) && size?.length === 2 && channels > 0 && places && values?.length === 2;

const numbers = (weights, shape) => ({ weights, packing: "none", shape });

/** What the model sees in a drawing, and says of it.
 * @param {{drawing: number[], shape: number[], normalise?: boolean}} request
 * @param {import("./runtime.js").Tools} tools */
export async function answer({ drawing, shape, normalise = true }, { spec, load }) {
  check(drawing, shape, spec);
  const { size, channels, box, places, values, grids = {} } = spec;
  const [, h] = shape;
  const scaled = box !== null && normalise;
  const part = scaled ? frame(drawing, shape.slice(1), spec) : [0, 0, h / size[0]];
  const image = framed(drawing, shape, part, size);
  const { graphs, float32 } = await load();
  const [low, high] = values;
  const given = image.map((x) => low + (high - low) * x);
  const made = await graphs.see({ images: float32([...given], [1, channels, ...size]) });
  const maps = Object.entries(places).map(([name, place]) => {
    const { data, dims } = made[place];
    return [name, numbers(data, grids[name] ?? dims.slice(1))];
  });
  return {
    drawing: numbers(
      Float32Array.from(drawing, (level) => level / LEVELS),
      shape,
    ),
    image: numbers(image, [channels, ...size]),
    maps: Object.fromEntries(maps),
    scores: [...made.scores.data],
    normalise: box === null ? null : normalise,
    frame: part,
  };
}
