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
  if (!drawing.some(Boolean)) throw Error("There is nothing to read: it is empty.");
}

/** @param {any} spec */
export const fits = ({ labels, size, channels, places, values }) =>
  Array.isArray(labels) && size?.length === 2 && channels > 0 && places && values?.length === 2;

/** At what every channel of all gates is held, one gate behind the other; -1: as computed.
 * @param {Record<string, number[]>} held by the gate's name
 * @param {Record<string, {channels: number}>} gates */
function holding(held, gates) {
  const strange = Object.keys(held).find((name) => !(name in gates));
  if (strange)
    throw Error(`There is no gate “${strange}”; there are ${Object.keys(gates).join(", ")}.`);
  return Object.entries(gates).flatMap(([name, { channels }]) => {
    const own = held[name] ?? Array(channels).fill(-1);
    if (!(own.length === channels && own.every((x) => Number.isFinite(x) && x <= 1)))
      throw Error(
        `The gate “${name}” has ${channels} channels; hold each at a number from 0 to 1, or below 0 where it stays as computed.`,
      );
    return own;
  });
}

/** What stood in the gates, by name. @param {Float32Array} data of all
 * @param {Record<string, {channels: number}>} gates */
function parted(data, gates) {
  let from = 0;
  const part = ([name, { channels }]) => {
    from += channels;
    return [name, numbers(data.slice(from - channels, from), [channels])];
  };
  return Object.fromEntries(Object.entries(gates).map(part));
}

const numbers = (weights, shape) => ({ weights, packing: "none", shape });

/** What the model sees in a drawing, and says of it; and what it says `after` gates were held.
 * @param {{drawing: number[], shape: number[], normalise?: boolean,
 *   held?: Record<string, number[]>}} request
 * @param {import("./runtime.js").Tools} tools */
export async function answer({ drawing, shape, normalise = true, held = {} }, { spec, load }) {
  const { size, channels, box, places, values, grids = {}, gates = {} } = spec;
  check(drawing, shape, spec);
  const holds = holding(held, gates);
  const [, h] = shape;
  const scaled = box !== null && normalise;
  const part = scaled ? frame(drawing, shape.slice(1), spec) : [0, 0, h / size[0]];
  const image = framed(drawing, shape, part, size);
  const { graphs, float32 } = await load();
  const [low, high] = values;
  const given = image.map((x) => low + (high - low) * x);
  const see = (holds) =>
    graphs.see({
      images: float32([...given], [1, channels, ...size]),
      held: float32(holds, [1, holds.length]),
    });
  const made = await see(holds.map(() => -1));
  /** @param {Record<string, any>} made */
  const told = ({ scores, gates: data }) => ({
    scores: [...scores.data],
    ...(data && { gates: parted(data.data, gates) }),
  });
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
    ...told(made),
    after: holds.some((x) => x >= 0) ? told(await see(holds)) : null,
    normalise: box === null ? null : normalise,
    frame: part,
  };
}
