import fc from "fast-check";
import { type Comparisons, comparisonsFromWins } from "../../lib/src/preferences/index.js";

/** Tables in which everyone beat everyone at least once, so that a finite estimate exists. */
export const winTables = fc
  .integer({ min: 2, max: 6 })
  .chain((n) =>
    fc
      .array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: n, maxLength: n }), { minLength: n, maxLength: n })
      .map((table) => table.map((row, i) => row.map((count, j) => (i === j ? 0 : count)))),
  );

/** Such a table, and abilities for its items. */
export const dataAndAbilities: fc.Arbitrary<{ data: Comparisons; theta: number[] }> = winTables.chain((wins) =>
  fc.record({
    data: fc.constant(comparisonsFromWins(wins)),
    theta: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: wins.length, maxLength: wins.length }),
  }),
);

export const noises = fc.record({
  temperature: fc.double({ min: 0.3, max: 3, noNaN: true }),
  lapse: fc.double({ min: 0, max: 0.5, noNaN: true }),
  flip: fc.double({ min: 0, max: 0.4, noNaN: true }),
});
