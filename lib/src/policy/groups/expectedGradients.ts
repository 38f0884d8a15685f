import { checkLength } from "../../core/checks.js";
import {
  nextTokenLogProbs,
  prefixLogitGradient,
  sequenceLogitGradient,
  sequenceLogProbs,
  sequenceLogProbsOf,
  type TreePolicy,
} from "../../trees/index.js";

// What the losses of this folder do on average with fresh samples (logpNew = logpOld), exactly: the expectation of d
// loss / d logits over all groups, [rows, V]. With `advantages` [N] from `expectedGroupAdvantages` at this policy.
// GSPO's is GRPO's. None is the gradient of anything in general; where such a field is 0, training stands still.

/**
 * GRPO and GSPO: minus the sum over y of pi(y) A(y) / |y| grad log pi(y).
 * @throws ShapeError unless there is one advantage for each sequence
 */
export function expectedGrpoGradient(policy: TreePolicy, advantages: ArrayLike<number>): Float64Array {
  return creditGradient(policy, advantages, (tokens) => tokens);
}

/** Dr. GRPO: minus the sum over y of pi(y) A(y) / length grad log pi(y). @throws as `expectedGrpoGradient` */
export function expectedDrGrpoGradient(
  policy: TreePolicy,
  advantages: ArrayLike<number>,
  { length = 1 }: { readonly length?: number } = {},
): Float64Array {
  return creditGradient(policy, advantages, () => length);
}

/** Which completions count, and how much: [N], by default 1. For dynamic sampling, `informativeProbability`. */
export interface Kept {
  readonly kept?: ArrayLike<number>;
}

/**
 * DAPO with many groups in a batch: minus the sum over y of pi(y) A(y) grad log pi(y), divided by the mean number of
 * tokens that count, E[kept(y) |y|]. (In a small batch that number varies with what was drawn.)
 * @throws as `expectedGrpoGradient`
 */
export function expectedDapoGradient(
  policy: TreePolicy,
  advantages: ArrayLike<number>,
  { kept }: Kept = {},
): Float64Array {
  const logProbs = sequenceLogProbsOf(policy);
  const count = keptOrOne(policy, kept);
  let tokens = 0;
  for (let y = 0; y < logProbs.length; y++) {
    tokens += Math.exp(logProbs[y]) * count(y) * policy.tree.sequences[y].length;
  }
  return creditGradient(policy, advantages, () => tokens);
}

/**
 * GRPO's term for the reference, k3 averaged over a completion's own tokens (`grpoReferenceLoss`): minus the sum over y
 * of pi(y) / |y| times the sum over its tokens of (ref / pi - 1) grad log pi(token). `logRef` [P, V] conditional
 * log-probabilities. It is neither the gradient of KL(pi || ref) nor of KL(ref || pi) of replies: at each prefix it
 * draws pi(token) towards ref(token), weighted by how likely the token is to lead to short replies.
 * @throws ShapeError unless there is one number for each prefix and token
 */
export function expectedReferenceGradient(
  policy: TreePolicy,
  logRef: ArrayLike<number>,
  { kept }: Kept = {},
): Float64Array {
  const { tree } = policy;
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  checkLength("logRef", logRef, P * V);
  const conditionals = nextTokenLogProbs(policy);
  const logProbs = sequenceLogProbs(tree, conditionals);
  const slopes = new Float64Array(P * V);
  const passing = new Float64Array(P); // E[kept / |y|; y comes by the prefix]
  const count = keptOrOne(policy, kept);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const at = p * V + v;
      const child = tree.next[at];
      const y = -1 - child;
      const here = child >= 0 ? passing[child] : (count(y) * Math.exp(logProbs[y])) / tree.sequences[y].length;
      passing[p] += here;
      slopes[at] = here === 0 ? 0 : -here * Math.expm1(logRef[at] - conditionals[at]);
    }
  }
  return prefixLogitGradient(policy, slopes);
}

function keptOrOne({ tree }: TreePolicy, kept: ArrayLike<number> | undefined): (y: number) => number {
  if (kept === undefined) return () => 1;
  checkLength("kept", kept, tree.sequences.length, "one per sequence");
  return (y) => kept[y];
}

function creditGradient(
  policy: TreePolicy,
  advantages: ArrayLike<number>,
  divisor: (tokens: number) => number,
): Float64Array {
  const { tree } = policy;
  checkLength("advantages", advantages, tree.sequences.length, "one per sequence");
  const slopes = sequenceLogProbsOf(policy).map(
    (log, y) => (-Math.exp(log) * advantages[y]) / divisor(tree.sequences[y].length),
  );
  return sequenceLogitGradient(policy, slopes);
}
