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
    bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  } else
    bytes = new Uint8Array(weights.buffer ?? weights, weights.byteOffset ?? 0, weights.byteLength);
  if (packing !== "u16") return Float32Array.from(bytes, (b) => (b / 255) ** 2);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++)
    values[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) / 65535;
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
