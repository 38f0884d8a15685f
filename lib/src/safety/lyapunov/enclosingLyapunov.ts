import { checkCount, checkPositive } from "../../core/checks.js";
import { ConvergenceError, complaint } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { linearProgram } from "../../numerics/index.js";
import type { PendulumState } from "./pendulum.js";
import { evenPowers, type Polynomial, termsAt } from "./polynomial.js";

export interface EnclosingLyapunov {
  V: Polynomial;
  /** The points at which the linear program was held to its inequalities. */
  counterexamples: PendulumState[];
}

/**
 * A polynomial V whose set {V <= 1} fills as much of the points `inside` as it can and holds none of those `outside`:
 *   minimise the mean of V over inside,   V(x) - V(step x) >= least |z|^2 inside,   V >= 1 outside,   z = x / unit,
 * a linear program over the coefficients of all even powers. It has thousands of rows and needs few: a falsifier looks
 * for the points where the V proposed fails most, and adds them, until there is none (counterexamples, as
 * `counterexampleLyapunov`, which asks for the greatest margin instead of the largest set). The program asks twice for
 * `least`, the falsifier once. Checked on the points only: to certify is `certifyRegion`'s part.
 * @throws InfeasibleError if no such polynomial has V fall at all points collected; ConvergenceError after `rounds`
 */
export async function enclosingLyapunov(
  step: (x: PendulumState) => PendulumState,
  { inside, outside }: { inside: readonly PendulumState[]; outside: readonly PendulumState[] },
  {
    degree = 2,
    unit = [1, 1],
    least = 1e-3,
    rounds = 100,
    perRound = 12,
  }: {
    degree?: number;
    unit?: readonly [number, number];
    least?: number;
    rounds?: number;
    perRound?: number;
  } = {},
): Promise<EnclosingLyapunov> {
  checkCount("inside", inside.length);
  checkCount("rounds", rounds);
  checkCount("perRound", perRound);
  checkPositive("least", least);
  checkPositive("unit[0]", unit[0]);
  checkPositive("unit[1]", unit[1]);
  const powers = evenPowers(degree);
  const terms = (x: PendulumState) => termsAt(powers, unit, x);
  const rows = [
    ...inside.map((x) => {
      const next = terms(step(x));
      const size = (x[0] / unit[0]) ** 2 + (x[1] / unit[1]) ** 2;
      return { x, form: terms(x).map((term, k) => term - next[k]), least: least * size, size };
    }),
    ...outside.map((x) => ({ x, form: terms(x), least: 0.999, size: 1 })),
  ].filter(({ size }) => size > 1e-12);
  const values = inside.map(terms);
  const mean = powers.map((_, k) => values.reduce((sum, row) => sum + row[k] / inside.length, 0));
  // A few from everywhere to begin with.
  const held = new Set(Array.from({ length: 64 }, (_, i) => Math.floor((i * rows.length) / 64)));
  for (let round = 0; round < rounds; round++) {
    const { x: coefficients } = await linearProgram({
      variables: powers.length,
      minimise: mean,
      subjectTo: [...held].map((i) => ({ form: rows[i].form, atLeast: rows[i].least * (i < inside.length ? 2 : 1) })),
      lower: -1000,
      upper: 1000,
    });
    const lacks = rows.map(({ form, least: wanted, size }) => (dot(form, coefficients) - wanted) / size);
    const worst = [...rows.keys()].filter((i) => lacks[i] < 0 && !held.has(i)).sort((a, b) => lacks[a] - lacks[b]);
    if (worst.length === 0) {
      return { V: { degree, coefficients, unit }, counterexamples: [...held].map((i) => rows[i].x) };
    }
    for (const i of worst.slice(0, perRound)) held.add(i);
  }
  throw new ConvergenceError(complaint("rounds", "enough to meet all counterexamples", rounds));
}
