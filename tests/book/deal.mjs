// Deals blocks onto slides, by the module that the first argument names; run by test_scripts.py.
// Standard input:  [{heights, wide, traits, breaks, room}, ...]; a heading of 50 is above the blocks
// Standard output: [[[from, to, scale], ...], ...]
import { readFileSync } from "node:fs";

const { deal } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(0, "utf8"));
const screen = { scales: [2.1, 1.8, 1.5] };
const plain = { folds: false, introduces: false, scant: false };

const dealt = cases.map(({ heights, wide = [], traits = {}, breaks = [], room = 600 }) => {
  const blocks = heights.map((_, i) => ({ ...plain, ...traits[i] }));
  const at = (index, scale) => {
    const above = heights.slice(0, Math.max(0, index)).reduce((sum, height) => sum + height, 50);
    const top = index < 0 ? 0 : above;
    const bottom = index < 0 ? 50 : above + heights[index];
    return { top: top * scale, bottom: bottom * scale, wide: wide.includes(index) };
  };
  return deal(blocks, breaks, at, { ...screen, room }).map(({ from, to, scale }) => [
    from,
    to,
    scale,
  ]);
});
process.stdout.write(JSON.stringify(dealt));
