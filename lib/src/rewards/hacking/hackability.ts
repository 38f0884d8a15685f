import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { occupancy, type TabularMdp, type TabularPolicy, uniformPolicy } from "../../mdp/index.js";

/** What two rewards are to each other, over all stationary policies of a world. */
export interface Hackability {
  /**
   * "equivalent": they order all policies alike; "trivial": one of them finds all policies equal; "hackable": some pair
   * of policies is ordered oppositely.
   */
  readonly relation: "equivalent" | "trivial" | "hackable";
  /** Cosine of the angle between the two projections; NaN where one of them is 0. */
  readonly cosine: number;
  /** If hackable: from the first policy to the second, returns of r1 rise and those of r2 fall. */
  readonly witness?: readonly [TabularPolicy, TabularPolicy];
}

/**
 * A reward without what no policy can change, [states * actions]: its projection on the directions in which occupancies
 * can move, R - M' (M M')^-1 M R, with M [states, states * actions] the flow constraints
 * sum_a mu(s, a) - gamma sum P(s | s', a') mu(s', a'). Shaping and constants project to 0.
 * @throws ShapeError unless there is a reward for each state-action pair
 */
export function projectedReward(mdp: TabularMdp, reward: ArrayLike<number>): Float64Array {
  const { states, actions, transitions, discount } = mdp;
  const pairs = states * actions;
  checkReward("reward", reward, pairs);
  const M = Matrix.zeros(states, pairs);
  for (let pair = 0; pair < pairs; pair++) {
    for (let s = 0; s < states; s++) {
      const leaves = Math.floor(pair / actions) === s ? 1 : 0;
      M.set(s, pair, leaves - discount * transitions[pair * states + s]);
    }
  }
  const r = Matrix.columnVector(Array.from(reward));
  const multipliers = new SingularValueDecomposition(M.mmul(M.transpose())).solve(M.mmul(r));
  return Float64Array.from(r.sub(M.transpose().mmul(multipliers)).to1DArray());
}

/**
 * An orthonormal basis of the directions in which occupancies can move, [states * (actions - 1)][states * actions]:
 * `projectedReward(r)` is the sum over them of (direction . r) direction. By Gram and Schmidt, from projected units.
 */
export function occupancyDirections(mdp: TabularMdp): Float64Array[] {
  const pairs = mdp.states * mdp.actions;
  const basis: Float64Array[] = [];
  for (let i = 0; i < pairs && basis.length < pairs - mdp.states; i++) {
    const unit = new Float64Array(pairs);
    unit[i] = 1;
    const own = projectedReward(mdp, unit);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = own.reduce((sum, x, j) => sum + x * other[j], 0);
        for (let j = 0; j < pairs; j++) own[j] -= along * other[j];
      }
    }
    const size = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    if (size > 1e-7) basis.push(own.map((x) => x / size));
  }
  return basis;
}

/**
 * Can the proxy r1 be hacked with respect to r2? Over all stationary policies it cannot exactly if one projection is 0
 * or they are positive multiples (for the linear functions that returns are of occupancies there is no third way;
 * Skalse et al. 2022, arXiv:2209.13085, theorem 1, made a test). Every state must be reached by some policy.
 * @throws ShapeError unless rewards are [states * actions]; DomainError if a state is never reached
 */
export function hackability(mdp: TabularMdp, r1: ArrayLike<number>, r2: ArrayLike<number>): Hackability {
  const inner = occupancy(mdp, uniformPolicy(mdp));
  for (let s = 0; s < mdp.states; s++) {
    if (inner[s * mdp.actions] > 0) continue;
    throw new DomainError(complaint("mdp", `a world in which state ${s} can be reached from the start`, mdp));
  }
  const [p, q] = [projectedReward(mdp, r1), projectedReward(mdp, r2)];
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const length = (a: Float64Array) => Math.sqrt(dot(a, a));
  const size = (r: ArrayLike<number>) => length(Float64Array.from(r));
  if (length(p) <= 1e-9 * size(r1) || length(q) <= 1e-9 * size(r2)) return { relation: "trivial", cosine: Number.NaN };
  const cosine = Math.max(-1, Math.min(1, dot(p, q) / (length(p) * length(q))));
  // Distance from a positive multiple: 1 - cosine alone would lose half of the digits.
  const apart = length(p.map((x, i) => x / length(p) - q[i] / length(q)));
  if (apart <= 1e-8) return { relation: "equivalent", cosine };
  // A direction in which r1 rises as fast as r2 falls; for opposite rewards r1 itself.
  const bisector = p.map((x, i) => x / length(p) - q[i] / length(q));
  let step = 1;
  bisector.forEach((move, i) => {
    if (move !== 0) step = Math.min(step, inner[i] / (2 * Math.abs(move)));
  });
  const policyOf = (sign: number) => {
    const moved = inner.map((mass, i) => mass + sign * step * bisector[i]);
    return moved.map((mass, i) => {
      const first = i - (i % mdp.actions);
      return mass / moved.subarray(first, first + mdp.actions).reduce((a, b) => a + b);
    });
  };
  return { relation: "hackable", cosine, witness: [policyOf(-1), policyOf(1)] };
}

function checkReward(what: string, reward: ArrayLike<number>, pairs: number): void {
  if (reward.length !== pairs) throw new ShapeError(complaint(what, `${pairs} numbers, states times actions`, reward));
  for (let i = 0; i < pairs; i++) {
    checkFinite(`${what}[${i}]`, reward[i]);
  }
}
