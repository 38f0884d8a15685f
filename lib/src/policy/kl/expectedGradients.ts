import {
  exactPolicyGradient,
  expectedScore,
  nextTokenLogProbs,
  sequenceLogProbs,
  type TreePolicy,
} from "../../trees/index.js";

/** Gradients with respect to the logits of the new policy, [rows, V] row-major. */
export interface ExpectedKlGradients {
  /**
   * Of KL(new || ref) of sequences: the one that is wanted. k1 in the reward, and k2 of whole sequences as a
   * loss, have it as their mean.
   */
  readonly reverse: Float64Array;
  /** Of KL(ref || new) of sequences: the other direction. k3 of whole sequences as a loss has it as its mean. */
  readonly forward: Float64Array;
  /** The mean gradient of k1 as a loss, whole sequences or the sum over tokens: zero. */
  readonly k1Loss: Float64Array;
  /**
   * The mean gradient of the sum over tokens of k2 as a loss: each token's own KL(new || ref), prefixes taken as given.
   */
  readonly k2Loss: Float64Array;
  /**
   * The mean gradient of the sum over tokens of k3 as a loss: each token's own KL(ref || new), on
   * prefixes that new has written.
   */
  readonly k3Loss: Float64Array;
  /**
   * The mean of k3(whole sequence) * score, k3 in place of k1 in the reward: reverse - forward, which may well
   * drive the policies apart.
   */
  readonly k3Reward: Float64Array;
}

/**
 * What the three estimators of `klEstimates` do to a policy, exactly: the expectation over all sequences of `new` of
 * the gradient that automatic differentiation gives when the estimate is a loss (samples held fixed), or that REINFORCE
 * gives when it is taken from the reward. The value of an estimator says nothing about its gradient: k1 and k3 are
 * unbiased, and only k2 has the right gradient as a loss, only k1 in the reward.
 * `policy` is the new one; `logRef` [P, V] conditional log-probabilities of the reference.
 * Schulman 2020; Tang and Munos 2025, arXiv:2506.09477; Liu et al. 2025, arXiv:2510.01555.
 * @throws ShapeError if a table has another length
 */
export function expectedKlGradients(policy: TreePolicy, logRef: ArrayLike<number>): ExpectedKlGradients {
  const { tree } = policy;
  const logNew = nextTokenLogProbs(policy);
  const [whole, wholeRef] = [sequenceLogProbs(tree, logNew), sequenceLogProbs(tree, logRef)];
  const ones = new Float64Array(logNew.length).fill(1);
  // The mean over sequences of f(y) grad log pi(y) is the policy gradient of a reward f that does not move.
  const reinforce = (reward: Float64Array) => exactPolicyGradient(policy, reward).gradient;
  return {
    reverse: reinforce(whole.map((log, y) => log - wholeRef[y])),
    forward: expectedScore(policy, ones, logRef).map((g) => -g),
    k1Loss: expectedScore(policy, ones),
    k2Loss: expectedScore(
      policy,
      logNew.map((log, at) => log - logRef[at]),
    ),
    k3Loss: expectedScore(
      policy,
      logNew.map((log, at) => -Math.expm1(logRef[at] - log)),
    ),
    k3Reward: reinforce(whole.map((log, y) => Math.expm1(wholeRef[y] - log) + log - wholeRef[y])),
  };
}
