// Lesson 05's sentences about results that need no transformer; what its transformers show is printed
// from the lesson's own run.

import { type Key, logSumExp, split, uniform } from "rlhf-lab";
import { afinn } from "rlhf-lab/data";
import { exactExpectation, exactKL, exactRegularisedObjective, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { bestOfNKLBound, betaForKl } from "rlhf-lab/policy";
import { categorical } from "rlhf-lab/random";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const normal = (logits: readonly number[]) => logits.map((logit) => logit - logSumExp(logits));
const drawn = (key: Key, n: number, low: number, high: number) => Array.from(uniform(key, n, low, high));

/** A reference over six replies, and their rewards. */
function world(key: Key) {
  const [a, b] = split(key);
  return { logRef: normal(drawn(a, 6, -1, 1)), rewards: drawn(b, 6, 0, 3) };
}

/** Equation (7), `steps` times from the reference. */
function ascend({ logRef, rewards }: ReturnType<typeof world>, beta: number, steps: number): number[] {
  let logits = [...logRef];
  for (let step = 0; step < steps; step++) {
    const logp = normal(logits);
    const pays = rewards.map((reward, y) => reward - beta * (logp[y] - logRef[y]));
    const average = exactExpectation(logp, pays);
    logits = logits.map((logit, y) => logit + Math.exp(logp[y]) * (pays[y] - average));
  }
  return normal(logits);
}

export default [
  exactly("numbers that nothing is drawn for", () => ({
    sixteen: bestOfNKLBound(16),
    whale: afinn().get("dick") ?? 0,
  })).shows({
    "05/sixteen-are-worth-two-nats": every(({ sixteen }) => sixteen < 2),
    "05/the-whale-is-rude": every(({ whale }) => whale < 0),
  }),

  experiment("a policy that can be listed", {
    keys: 20,
    run: (key) => {
      const own = world(key);
      const { logRef, rewards } = own;
      const betas = [0.1, 0.3, 1, 3, 10];
      const kls = betas.map((beta) => exactKL(exactRegularisedOptimum(logRef, rewards, beta).logProbs, logRef));
      const optimum = exactRegularisedOptimum(logRef, rewards, 1);
      const other = normal(drawn(split(key, 3)[2], 6, -1, 1));
      return {
        kls,
        back: betaForKl(logRef, rewards, kls[2]),
        missed: exactKL(ascend(own, 1, 600), optimum.logProbs),
        identity:
          exactRegularisedObjective(other, logRef, rewards, 1) - (optimum.value - exactKL(other, optimum.logProbs)),
      };
    },
  }).shows({
    "05/dearer-nats-are-fewer": every(
      ({ kls, back }) => kls.every((kl, i) => i === 0 || kl < kls[i - 1]) && Math.abs(back - 1) < 1e-6,
    ),
    "05/steps-end-at-the-tilted-optimum": every(({ missed }) => missed < 1e-4),
    "05/the-objective-is-a-kl": every(({ identity }) => Math.abs(identity) < 1e-9),
  }),

  experiment("who wrote the tokens", {
    keys: 40,
    run: (key) => {
      const [a, b, c] = split(key, 3);
      // At the start the writer is the reference; the policy in training has moved on since.
      const logRef = normal(drawn(a, 6, -1, 1));
      const push = drawn(b, 6, -1, 1);
      const moved = normal(logRef.map((logp, y) => logp + push[y]));
      const replies = Array.from(categorical(c, logRef, 2000));
      const away = logRef.map((logp, y) => moved[y] - logp);
      return {
        exact: exactExpectation(logRef, away),
        sampled: replies.reduce((sum, y) => sum + away[y], 0) / replies.length,
        kl: exactKL(moved, logRef),
      };
    },
  }).shows({
    "05/only-the-writers-mean-is-a-kl": both(
      share(({ exact, kl }) => exact < 0 && kl > 0, { above: 0.99 }),
      mean(({ sampled, kl }) => sampled / kl, { below: 0 }),
    ),
  }),
];
