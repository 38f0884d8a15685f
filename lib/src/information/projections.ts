import { checkCount, checkLength, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { exactKL } from "../numerics/index.js";
import {
  type Contexts,
  conditionalLogProbs,
  exactPolicyGradient,
  fitTreePolicy,
  nextTokenLogProbs,
  type SequenceTree,
  sequenceLogProbs,
  type TreePolicy,
} from "../trees/index.js";

/**
 * The policy with these contexts that covers a target p, [N] log-probabilities: it minimises KL(p || q), as imitation
 * does with demonstrations without end. Closed form: each row is what p writes there on average.
 * @throws ShapeError unless there is one number for each sequence and a context for each prefix
 */
export function coveringPolicy(tree: SequenceTree, contexts: Contexts, logTarget: ArrayLike<number>): TreePolicy {
  return fitTreePolicy(tree, contexts, conditionalLogProbs(tree, logTarget));
}

/**
 * A policy that seeks a target p: KL(q || p) falls by natural gradient steps on E_q[ln p] + H(q), which is RLHF's
 * objective over beta with p its optimum, as reward - beta KL = beta (ln Z - KL(q || p)). Each row moves by `rate`
 * times its advantage. Where the policy cannot write p there may be several places to rest: which one is reached
 * depends on the start and on the rate. `path` has KL(q || p) before each step and after the last.
 * Stops when no row would move by more than `tolerance` (weighted by how often it is reached).
 * @throws DomainError unless rate is positive, or if the start writes what p never does, where KL(q || p) is infinite;
 *   ShapeError unless there is one number for each sequence
 */
export function seekingPolicy(
  start: TreePolicy,
  logTarget: ArrayLike<number>,
  { rate, steps = 5000, tolerance = 1e-9 }: { rate: number; steps?: number; tolerance?: number },
): { policy: TreePolicy; path: number[] } {
  checkPositive("rate", rate);
  checkCount("steps", steps, 0);
  const { tree, contexts } = start;
  checkLength("logTarget", logTarget, tree.sequences.length, "one per sequence");
  const V = tree.vocabulary;
  const policy = { tree, contexts, logits: Float64Array.from(start.logits) };
  const path: number[] = [];
  for (let step = 0; ; step++) {
    const conditionals = nextTokenLogProbs(policy);
    const logProbs = sequenceLogProbs(tree, conditionals);
    path.push(exactKL(logProbs, logTarget));
    if (!Number.isFinite(path[step])) {
      throw new DomainError(complaint("logTarget", "finite wherever the start writes something", path[step]));
    }
    if (step === steps) break;
    const { gradient, reach } = exactPolicyGradient(
      policy,
      logProbs.map((log, y) => logTarget[y] - log),
    );
    if (gradient.every((g) => Math.abs(g) <= tolerance)) break;
    // The natural gradient of a softmax row is its gradient over how often each entry is used: the mean advantage.
    const used = new Float64Array(policy.logits.length);
    conditionals.forEach((log, at) => {
      const p = Math.floor(at / V);
      used[contexts[p] * V + (at % V)] += reach[p] * Math.exp(log);
    });
    for (let i = 0; i < used.length; i++) if (used[i] > 0) policy.logits[i] += (rate * gradient[i]) / used[i];
  }
  return { policy, path };
}
