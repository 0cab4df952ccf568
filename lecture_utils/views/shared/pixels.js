// Numbers as pixels: an image, or maps beside each other on one canvas.

/** Colours as a canvas holds them. @param {number[][]} colours red, green, blue, 0 to 255 */
export const colours32 = (colours) =>
  Uint32Array.from(colours, ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);

/** A part of an image on a canvas of its size.
 * @param {HTMLCanvasElement} on @param {ImageData} image */
export function draw(on, image, x = 0, y = 0, width = image.width, height = image.height) {
  if (on.width !== width || on.height !== height) Object.assign(on, { width, height });
  const pen = on.getContext("2d", { willReadFrequently: true });
  pen?.putImageData(image, -x, -y, x, y, width, height);
}

/** How many of some things stand in a line, so that their lines are about as long as their columns.
 * @param {number} count */
export function across(count) {
  const root = Math.sqrt(count);
  for (let n = Math.floor(root); n > root / 2; n--) if (count % n === 0) return n;
  return Math.ceil(root);
}

/**
 * Maps (C, h, w) beside each other, `columns` in a line, a pixel a value, a line of nothing between.
 * @param {ArrayLike<number>} values @param {number[]} shape (C, h, w)
 * @param {number} columns @param {(value: number) => number} colour of a value, as `colours32` gives them
 */
export function tiled(values, [C, h, w], columns, colour) {
  const [high, wide] = [h + 1, w + 1];
  const image = new ImageData(columns * wide - 1, Math.ceil(C / columns) * high - 1);
  const out = new Uint32Array(image.data.buffer);
  for (let map = 0, k = 0; map < C; map++)
    for (let i = 0; i < h; i++) {
      const row = Math.floor(map / columns) * high + i;
      const start = row * image.width + (map % columns) * wide;
      for (let j = 0; j < w; j++) out[start + j] = colour(values[k++]);
    }
  return image;
}

/**
 * An image of one channel in shades, of three in its own colours.
 * @param {ArrayLike<number>} values from 0 to `most` @param {number[]} shape (C, H, W)
 * @param {Uint32Array} shades 256, from paper to ink
 */
export function pictured(values, [C, H, W], shades, most = 1) {
  const image = new ImageData(W, H);
  const out = new Uint32Array(image.data.buffer);
  const size = H * W;
  const by = 255 / most;
  const part = (k) => Math.round(by * values[k]);
  if (C === 1) for (let k = 0; k < size; k++) out[k] = shades[part(k)];
  else
    for (let k = 0; k < size; k++)
      out[k] = (255 << 24) | (part(2 * size + k) << 16) | (part(size + k) << 8) | part(k);
  return image;
}
