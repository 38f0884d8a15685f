import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";

/** Which rounds' replies the reward is fitted to: the newest; those and the reference's; all so far. */
export type LoopData = "newest" | "newest and reference" | "pooled";

/** What is known of the world: what people like, and what the reference writes. */
export interface LengthLoopRound {
  /** Slope of the learned reward: utility per word. */
  slope: number;
  /** Mean length of the policy's replies. */
  length: number;
  /** Mean utility of them. */
  utility: number;
}

const LENGTHS = 40;
const lengthUtility = (L: number) => -0.01 * (L - 24) ** 2;
const reference = Float64Array.from({ length: LENGTHS }, (_, i) => Math.exp(-((i + 1 - 20) ** 2) / 128));

function policyOf(c: number): Float64Array {
  const scores = reference.map((r, i) => Math.log(r) + c * (i + 1));
  const most = scores.reduce((a, b) => Math.max(a, b));
  const weights = scores.map((s) => Math.exp(s - most));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

const normalised = (weights: Float64Array) => {
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
};

/**
 * The slope s that fits sigmoid(s (i - j)) best to what people answer, sigmoid(u(i) - u(j)), over pairs of replies
 * drawn
 * from these lengths: infinitely many answers, by Newton's steps. A reward linear in length, and so of the wrong form.
 */
export function lengthSlope(lengths: ArrayLike<number>): number {
  let s = 0;
  for (let step = 0; step < 100; step++) {
    let [gradient, curvature] = [0, 1e-12];
    for (let i = 0; i < LENGTHS; i++) {
      for (let j = 0; j < i; j++) {
        const weight = lengths[i] * lengths[j] * (i - j);
        const p = sigmoid(s * (i - j));
        gradient += weight * (sigmoid(lengthUtility(i + 1) - lengthUtility(j + 1)) - p);
        curvature += weight * (i - j) * p * (1 - p);
      }
    }
    const move = Math.max(-1, Math.min(1, gradient / curvature));
    s += move;
    if (Math.abs(move) < 1e-12) break;
  }
  return s;
}

/**
 * Iterated RLHF with replies of length 1 to 40, each round from the reference exp(-(L - 20)^2 / 128): people compare
 * the replies, whose utility is -0.01 (L - 24)^2; a reward linear in length is fitted; the policy is ref e^(slope L /
 * beta), each time the exact optimum. Each round is right, and the loop may swing: a small beta is a large gain.
 * @throws DomainError unless beta is positive
 */
export function lengthLoop({
  beta,
  data,
  rounds,
}: {
  beta: number;
  data: LoopData;
  rounds: number;
}): LengthLoopRound[] {
  checkPositive("beta", beta);
  checkCount("rounds", rounds);
  if (!["newest", "newest and reference", "pooled"].includes(data)) {
    throw new DomainError(complaint("data", "newest, newest and reference, or pooled", data));
  }
  const first = normalised(reference);
  let seen: Float64Array = first;
  let all: Float64Array = first;
  return Array.from({ length: rounds }, (_, round) => {
    const slope = lengthSlope(seen);
    const p = policyOf(slope / beta);
    all = all.map((mass, i) => (mass * (round + 1) + p[i]) / (round + 2));
    seen = data === "pooled" ? all : data === "newest" ? p : p.map((mass, i) => (mass + first[i]) / 2);
    return {
      slope,
      length: p.reduce((sum, mass, i) => sum + mass * (i + 1), 0),
      utility: p.reduce((sum, mass, i) => sum + mass * lengthUtility(i + 1), 0),
    };
  });
}
