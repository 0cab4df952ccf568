// What a memory's hops have read, and what was answered, in words.

/** @typedef {{read?: number[] | null}} Row of the memory: what each hop read of it */
/** @typedef {{row: Row | null, weight: number}} Read the row is null for the empty slots */

/**
 * What each hop reads most. @param {Row[]} rows
 * @param {number[]} rest what each hop reads of the empty slots
 * @returns {Read[]}
 */
export const reads = (rows, rest) =>
  rest.map((empty, k) => {
    /** @type {Read} */
    let most = { row: null, weight: -1 };
    for (const row of rows) {
      const weight = row.read?.[k] ?? -1;
      if (weight > most.weight) most = { row, weight };
    }
    return empty > most.weight ? { row: null, weight: empty } : most;
  });

/**
 * What each hop reads, and how many of the gold facts were read.
 * @param {Read[]} most @param {Row[]} facts @param {boolean} whole whether the story is as told
 * @param {{name: (row: Row) => string, alternatives: boolean}} more alternatives: each fact is an
 *   answer of its own
 */
export function told(most, facts, whole, { name, alternatives }) {
  const flat = most.some(({ weight }) => weight < 0.5);
  const hops = most.map(({ row, weight }, k) => {
    const verb = weight < 0.5 ? "spreads, most on " : k && !flat ? "" : "reads ";
    const what = row ? name(row) : "the empty slots";
    return `${k ? "hop" : "Hop"} ${k + 1} ${verb}${what} (${weight.toFixed(2)})`;
  });
  const said = `${hops.join(flat ? "; " : ", ")}.`;
  const n = facts.length;
  const hits = facts.filter((fact) => most.some(({ row }) => row === fact)).length;
  if (!n) return said;
  if (!whole) return `${said} The gold marks are of the story as it was told.`;
  if (n === 1) return `${said} The gold fact was ${hits ? "" : "not "}read.`;
  if (hits && alternatives) return `${said} A gold fact was read; each of the ${n} is an answer.`;
  if (hits === n) return `${said} ${n === 2 ? "Both" : `All ${n}`} gold facts were read.`;
  return `${said} ${hits || "None"} of the ${n} gold facts ${hits < 2 ? "was" : "were"} read.`;
}

/**
 * The best answer, how sure it is, and the rest: the others, and whether it is right.
 * @param {[string, number][]} answers @param {string[]} truths none: nobody knows
 * @returns {[string, string, string]}
 */
export function answered([[best, sure], ...others], truths) {
  const more = others.map(([word, p]) => `${word} ${p.toFixed(2)}`).join(", ");
  const right = truths.includes(best) ? " ✓ right" : ` ✗ the true answer is ${truths.join(" or ")}`;
  return [best, sure.toFixed(2), `${more && ` (${more})`}${truths.length ? right : ""}`];
}
