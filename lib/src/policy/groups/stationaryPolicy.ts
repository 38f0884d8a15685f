import { ConvergenceError, complaint, DomainError } from "../../core/index.js";
import { nextTokenLogProbs, prefixProbabilities, type TreePolicy } from "../../trees/index.js";

export interface StationaryOptions {
  /** Length of a step; default 0.2. No logit moves by more than a nat at once. */
  readonly rate?: number;
  /** Stop when no natural step would be longer than this, in nats of a logit; default 1e-10. */
  readonly tolerance?: number;
  /** Give up after so many steps; default 20,000. */
  readonly steps?: number;
}

/**
 * Where training stands still: a tabular policy at which a field of gradients (d loss / d logits, such as
 * `expectedGrpoGradient`) is 0, by following it downhill from `start`. Each step divides the field by the probability
 * that the policy comes by the prefix and token: the natural gradient of a softmax, with which rare prefixes move as
 * fast as others. It finds a point that attracts; nothing says that there is no other.
 * @throws DomainError unless each prefix has a row of its own; ConvergenceError where the steps do not end, as when
 *   the policy becomes certain
 */
export function stationaryPolicy(
  start: TreePolicy,
  gradient: (policy: TreePolicy) => Float64Array,
  { rate = 0.2, tolerance = 1e-10, steps = 20_000 }: StationaryOptions = {},
): TreePolicy {
  const { tree, contexts } = start;
  const V = tree.vocabulary;
  if (new Set(contexts).size !== contexts.length) {
    throw new DomainError(complaint("start", "a tabular policy, a row for each prefix", contexts));
  }
  let policy = start;
  let largest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const field = gradient(policy);
    const conditionals = nextTokenLogProbs(policy);
    const reach = prefixProbabilities(tree, conditionals);
    const logits = new Float64Array(policy.logits.length);
    largest = 0;
    for (let p = 0; p < contexts.length; p++) {
      for (let v = 0; v < V; v++) {
        const here = reach[p] * Math.exp(conditionals[p * V + v]);
        const move = here > 0 ? -field[contexts[p] * V + v] / here : 0;
        largest = Math.max(largest, Math.abs(move));
        logits[contexts[p] * V + v] = conditionals[p * V + v] + Math.max(-1, Math.min(1, rate * move));
      }
    }
    if (largest <= tolerance) return policy;
    policy = { tree, contexts, logits };
  }
  throw new ConvergenceError(`stationaryPolicy: a step of ${largest.toPrecision(3)} nats is left after ${steps} steps`);
}
