import { complaint, DomainError, ShapeError } from "../../core/index.js";
import {
  exactPolicyGradient,
  nextTokenLogProbs,
  sequenceLogProbs,
  type TreePolicy,
  terminalRewards,
} from "../../trees/index.js";

/** A softmax policy over a sequence tree and its rewards, with everything that can be known of them by enumeration. */
export interface EnumeratedPolicy extends TreePolicy {
  /** pi(v | prefix), [P, V]. */
  readonly probabilities: Float64Array;
  /** log pi(y), [N], in nats. */
  readonly logProbs: Float64Array;
  /** Reward of each token, [P, V], and of each reply, [N]: the sum along its path. */
  readonly tokenRewards: Float64Array;
  readonly reward: Float64Array;
  /** What has been earned before a prefix, [P]. */
  readonly earned: Float64Array;
  /** E[what is still to come | prefix], [P], and with the next token known, [P, V]. */
  readonly valueToGo: Float64Array;
  readonly actionValueToGo: Float64Array;
  /** P(the policy comes by a prefix), [P]. */
  readonly reach: Float64Array;
  /** E[reward], and its gradient [D]. */
  readonly value: number;
  readonly gradient: Float64Array;
  /** The prefixes that each reply comes by, [N, length], -1 after its end. */
  readonly paths: Int32Array;
}

/**
 * Enumerates a policy. `reward` is either one number per reply [N] (all of it paid on the last token)
 * or one per token [P, V].
 * @throws ShapeError if a length fits neither; DomainError if a reply that can be written has a reward that is not
 *   finite, or logits are no distribution
 */
export function enumeratePolicy(policy: TreePolicy, reward: ArrayLike<number>): EnumeratedPolicy {
  const { tree, contexts, logits } = policy;
  const { vocabulary: V, next } = tree;
  const [P, N] = [tree.prefixes.length, tree.sequences.length];
  if (reward.length !== N && reward.length !== P * V) {
    throw new ShapeError(complaint("reward", `${N} numbers (one per reply) or ${P * V} (one per token)`, reward));
  }
  const tokenRewards = reward.length === N ? terminalRewards(tree, reward) : Float64Array.from(reward);
  const conditionals = nextTokenLogProbs(policy);
  if (conditionals.some(Number.isNaN)) {
    throw new DomainError(complaint("logits", "finite numbers (or -Infinity), one of each row finite", logits));
  }
  const logProbs = sequenceLogProbs(tree, conditionals);
  const earned = new Float64Array(P);
  const total = new Float64Array(N);
  const depth = new Int32Array(P);
  const paths = new Int32Array(N * tree.length).fill(-1);
  const ancestors = new Int32Array(P * tree.length); // of each prefix, itself last
  for (let p = 0; p < P; p++) {
    ancestors[p * tree.length + depth[p]] = p;
    for (let v = 0; v < V; v++) {
      const child = next[p * V + v];
      const sum = earned[p] + tokenRewards[p * V + v];
      if (child >= 0) {
        earned[child] = sum;
        depth[child] = depth[p] + 1;
        for (let t = 0; t <= depth[p]; t++) {
          ancestors[child * tree.length + t] = ancestors[p * tree.length + t];
        }
      } else {
        total[-1 - child] = sum;
        for (let t = 0; t <= depth[p]; t++) {
          paths[(-1 - child) * tree.length + t] = ancestors[p * tree.length + t];
        }
      }
    }
  }
  const wrong = total.findIndex((r, n) => !Number.isFinite(r) && logProbs[n] > Number.NEGATIVE_INFINITY);
  if (wrong >= 0) {
    const hint = "Every estimate that meets this reply is lost";
    throw new DomainError(
      complaint(`reward of reply [${tree.sequences[wrong]}]`, "a finite number", total[wrong], hint),
    );
  }
  const exact = exactPolicyGradient(policy, total);
  return {
    tree,
    contexts,
    logits: Float64Array.from(logits),
    probabilities: conditionals.map(Math.exp),
    logProbs,
    tokenRewards,
    reward: total,
    earned,
    valueToGo: exact.V.map((v, p) => v - earned[p]),
    actionValueToGo: exact.Q.map((q, at) => q - earned[Math.floor(at / V)]),
    reach: exact.reach,
    value: exact.value,
    gradient: exact.gradient,
    paths,
  };
}
