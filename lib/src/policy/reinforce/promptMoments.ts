import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { EnumeratedPolicy } from "./enumeratedPolicy.js";
import type { Credit } from "./estimate.js";
import { gradientMoments } from "./moments.js";

/** What the estimate from one prompt and one reply scatters by, and why. */
export interface PromptMoments {
  /** E ||estimate - gradient||^2, over prompts and replies: `fromReplies` + `fromPrompts`. */
  totalVariance: number;
  /** What is left when the prompt is known; a baseline lessens it. */
  fromReplies: number;
  /** What comes from drawing the prompt; no baseline lessens it, asking every prompt equally often does. */
  fromPrompts: number;
  /** totalVariance / ||gradient||^2. Infinity where the gradient is 0. */
  noiseToSignal: number;
}

/**
 * REINFORCE over prompts: x ~ D, y ~ pi(. | x), J = sum_x D(x) E[R | x], exactly. `policies` are one for each prompt,
 * with tables of their own, so that the gradient is (D(1) g_1, D(2) g_2, ...); `credits` say what each prompt's replies
 * are credited with: one and the same number for all of them is a global baseline, a number for each is b(x),
 * `policy.valueToGo` with toGo is V(x, y_<t). With mean m_x and total variance v_x of one reply to x,
 *
 *   fromReplies = sum_x D(x) v_x,   fromPrompts = sum_x D(x) (1 - D(x)) ||m_x||^2.
 *
 * @param probabilities D [X]; all prompts alike when left out
 * @throws ShapeError unless there is a credit (and a probability) for each policy; DomainError if probabilities are
 *   negative or do not add up to 1
 */
export function promptMoments(
  policies: readonly EnumeratedPolicy[],
  credits: readonly Credit[],
  probabilities: readonly number[] = policies.map(() => 1 / policies.length),
): PromptMoments {
  for (const [name, list] of Object.entries({ credits, probabilities })) {
    if (list.length !== policies.length || list.length === 0) {
      throw new ShapeError(complaint(name, `${policies.length} of them, one for each prompt`, list.length));
    }
  }
  if (!probabilities.every((d) => d >= 0) || Math.abs(probabilities.reduce((a, b) => a + b) - 1) > 1e-9) {
    throw new DomainError(complaint("probabilities", "numbers of at least 0 that add up to 1", probabilities));
  }
  let [fromReplies, fromPrompts, signal] = [0, 0, 0];
  policies.forEach((policy, x) => {
    const { mean, totalVariance } = gradientMoments(policy, credits[x]);
    fromReplies += probabilities[x] * totalVariance;
    fromPrompts += probabilities[x] * (1 - probabilities[x]) * square(mean);
    signal += probabilities[x] ** 2 * square(policy.gradient);
  });
  const totalVariance = fromReplies + fromPrompts;
  const noiseToSignal = signal > 0 ? totalVariance / signal : Number.POSITIVE_INFINITY;
  return { totalVariance, fromReplies, fromPrompts, noiseToSignal };
}

function square(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x * x, 0);
}
