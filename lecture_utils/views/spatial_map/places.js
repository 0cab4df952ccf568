// Maps over the places of an image: what is shown of them, what they say of a mask, and its outline.

/** The weights of an address that are shown: of the query at a place, or the mean of all queries.
 * @param {Float32Array} values @param {number[]} shape (h, w, h', w')
 * @param {number[] | null} query its row and column */
export function row(values, [h, w, tall, wide], query) {
  const size = tall * wide;
  const of = (k) => values.subarray(k * size, (k + 1) * size);
  return query ? of(query[0] * w + query[1]) : mean(values, [h * w, tall, wide]);
}

/** The mean of maps. @param {Float32Array} values @param {number[]} shape (C, h, w) */
export function mean(values, [C, h, w]) {
  const sums = new Float32Array(h * w);
  for (let c = 0, k = 0; c < C; c++)
    for (let i = 0; i < sums.length; i++, k++) sums[i] += values[k] / C;
  return sums;
}

/** How much of each of so many places along a side every pixel covers. */
const overlaps = (count, size) =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: size }, (_, y) => {
      const [from, to] = [(i * size) / count, ((i + 1) * size) / count];
      return (Math.max(0, Math.min(to, y + 1) - Math.max(from, y)) * count) / size;
    }),
  );

/** How much of each place of a grid (h, w) a mask (H, W) covers, 0 to 1.
 * @param {ArrayLike<number>} mask @param {number[]} size (H, W) @param {number[]} grid (h, w) */
export function coverage(mask, [H, W], [h, w]) {
  const [down, across] = [overlaps(h, H), overlaps(w, W)];
  const found = new Float32Array(h * w);
  for (const [i, rows] of down.entries())
    for (let y = 0; y < H; y++) {
      if (!rows[y]) continue;
      for (const [j, columns] of across.entries())
        for (let x = 0; x < W; x++)
          if (mask[y * W + x]) found[i * w + j] += rows[y] * columns[x] * mask[y * W + x];
    }
  return found;
}

/** The edge of a mask as the path of an SVG. @param {ArrayLike<number>} mask
 * @param {number[]} size (H, W) */
export function outline(mask, [H, W]) {
  const inside = (y, x) => y >= 0 && x >= 0 && y < H && x < W && !!mask[y * W + x];
  const path = [];
  for (let y = 0; y <= H; y++)
    for (let x = 0; x <= W; x++) {
      if (inside(y, x) !== inside(y - 1, x)) path.push(`M${x} ${y}h1`);
      if (inside(y, x) !== inside(y, x - 1)) path.push(`M${x} ${y}v1`);
    }
  return path.join("");
}
