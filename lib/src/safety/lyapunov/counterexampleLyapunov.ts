import { checkCount, checkPositive } from "../../core/checks.js";
import { ConvergenceError, complaint, InfeasibleError } from "../../core/index.js";
import { linearProgram } from "../../numerics/index.js";
import type { PendulumState } from "./pendulum.js";

export interface FoundLyapunov {
  /** V = x'Px. */
  P: number[][];
  /** The points at which the linear program was held to the inequalities. */
  counterexamples: PendulumState[];
  /** How much V falls at least, as a share of |x|^2. */
  margin: number;
}

/**
 * A quadratic Lyapunov function by learning from counterexamples (Ravanbakhsh and Sankaranarayanan 2019, Autonomous
 * Robots 43): a linear program proposes P with the greatest margin m at the points collected so far,
 *   V(x) >= 0.01 |x|^2,   V(x) - V(step x) >= m |x|^2,   V(1, 0) + V(0, 1) = 1;
 * a falsifier looks through `domain` for the points where that fails most; until there is none. x is in the given
 * units, so scale them to be alike. It is checked on the points of `domain` only: to certify is `certifyLevel`'s part.
 * @throws InfeasibleError if no quadratic falls at all points collected; ConvergenceError after `rounds`
 */
export async function counterexampleLyapunov(
  step: (x: PendulumState) => PendulumState,
  domain: readonly PendulumState[],
  { rounds = 100, perRound = 4, least = 1e-3 }: { rounds?: number; perRound?: number; least?: number } = {},
): Promise<FoundLyapunov> {
  checkCount("domain", domain.length);
  checkCount("rounds", rounds);
  checkCount("perRound", perRound);
  checkPositive("least", least);
  const squares = ([a, b]: PendulumState) => [a * a, 2 * a * b, b * b];
  const size = ([a, b]: PendulumState) => a * a + b * b;
  const points = domain.filter((x) => size(x) > 1e-12);
  const now = points.map(squares);
  const falls = points.map((x, i) => {
    const next = squares(step(x));
    return now[i].map((value, j) => value - next[j]);
  });
  const held = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const subjectTo = [...held].flatMap((i) => [
      { form: [...now[i], 0], atLeast: 0.01 * size(points[i]) },
      { form: [...falls[i], -size(points[i])], atLeast: 0 },
    ]);
    const { x } = await linearProgram({
      variables: 4,
      maximise: [0, 0, 0, 1],
      subjectTo: [...subjectTo, { form: [1, 0, 1, 0], equals: 1 }],
      lower: [0, -1, 0, -10],
      upper: [1, 1, 1, 10],
    });
    const [p, q, r, margin] = x;
    if (margin < least) throw new InfeasibleError(complaint("domain", "one where a quadratic falls", held.size));
    const value = (row: readonly number[]) => p * row[0] + q * row[1] + r * row[2];
    // The falsifier asks for a tenth of the margin: what the program promises at its own points, nearly.
    const lacks = points.map((point, i) =>
      Math.min(value(now[i]) / size(point) - 0.005, value(falls[i]) / size(point) - margin / 10),
    );
    const worst = [...lacks.keys()].filter((i) => lacks[i] < 0 && !held.has(i)).sort((a, b) => lacks[a] - lacks[b]);
    if (worst.length === 0) {
      const P = [
        [p, q],
        [q, r],
      ];
      return { P, counterexamples: [...held].map((i) => points[i]), margin: margin / 10 };
    }
    for (const i of worst.slice(0, perRound)) held.add(i);
  }
  throw new ConvergenceError(complaint("rounds", "enough to meet all counterexamples", rounds));
}
