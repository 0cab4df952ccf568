// Weights: from bytes to numbers, and what can be said of them.

/**
 * Weights as numbers: of a page's kernel as they are, else from bytes (base64 in a stored page, a
 * DataView from a notebook), as `pack` in base.py has packed them.
 * @param {{weights: any, packing: string}} state
 * @returns {Float32Array}
 */
export function unpack({ weights, packing }) {
  if (packing === "none") return weights;
  let bytes;
  if (typeof weights === "string") {
    const text = atob(weights);
    bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  } else
    bytes = new Uint8Array(weights.buffer ?? weights, weights.byteOffset ?? 0, weights.byteLength);
  const two = packing === "u16";
  const values = new Float32Array(bytes.length / (two ? 2 : 1));
  if (!two) for (let i = 0; i < values.length; i++) values[i] = (bytes[i] / 255) ** 2;
  for (let i = 0; two && i < values.length; i++)
    values[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) / 65535;
  return values;
}

/** Numbers of any range, which `ranged` in base.py has packed. @param {any} packed */
export function ranged(packed) {
  const { low = 0, high = 1, packing } = packed;
  const values = unpack(packed);
  if (packing === "none") return values;
  for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * values[i];
  return values;
}

/** The largest of some numbers, none of them negative. @param {ArrayLike<number>} list */
export function peak(list) {
  let most = 0;
  for (let k = 0; k < list.length; k++) if (list[k] > most) most = list[k];
  return most;
}

/** Entropy in bits of weights, scaled to sum to 1. @param {Float32Array | number[]} weights */
export function entropy(weights) {
  let [sum, bits] = [0, 0];
  for (const w of weights) sum += w;
  for (const w of weights) if (w > 0) bits -= (w / sum) * Math.log2(w / sum);
  return bits;
}
