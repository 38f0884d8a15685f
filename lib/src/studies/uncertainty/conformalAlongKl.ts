import { checkCount } from "../../core/checks.js";
import { exactExpectation } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { categorical, type Key, split } from "../../random/index.js";
import { conformalThreshold, weightedThresholds } from "../../robust/index.js";
import { compareReplies, learnReward, type ProxyWorld } from "../hacking/phraseProxy.js";

export interface ConformalPoint {
  /** Nats from the reference. */
  kl: number;
  /** P(U >= predicted - q) under the policy, exactly, q from replies of the reference. */
  plain: number;
  /** The same with a threshold of its own for each reply, weights policy / reference. */
  weighted: number;
  /** Probability, under the policy, of a reply whose weighted interval is infinite. */
  infinite: number;
  /** How many calibration replies the weights leave: (sum w)^2 / sum w^2. */
  effective: number;
}

/**
 * A reward from comparisons of the reference's replies, and how far below it the utility may lie: split conformal on
 * replies of the reference whose utility somebody has measured. Then the policy climbs the reward, and the promise is
 * followed along the way, every reply enumerated. kl 0 is the reference itself.
 * @throws DomainError unless the counts are counts and 0 < miss < 1
 */
export function conformalAlongKl(
  key: Key,
  world: ProxyWorld,
  {
    comparisons = 300,
    calibration = 400,
    miss = 0.1,
    kls = [0, 1, 2, 4, 8],
  }: { comparisons?: number; calibration?: number; miss?: number; kls?: readonly number[] } = {},
): ConformalPoint[] {
  checkCount("calibration", calibration);
  const [askKey, drawKey] = split(key);
  const { logRef, utility } = world;
  const { reward } = learnReward(world, compareReplies(askKey, world, comparisons));
  const drawn = categorical(drawKey, logRef, calibration);
  /** How much too high a prediction is. */
  const error = reward.map((r, y) => r - utility[y]);
  const scores = Array.from(drawn, (y) => error[y]);
  const q = conformalThreshold(scores, miss);
  return kls.map((kl) => {
    const policy = kl === 0 ? logRef : tiltUpToKl(logRef, reward, kl);
    const weight = policy.map((log, y) => Math.exp(log - logRef[y]));
    const weights = Array.from(drawn, (y) => weight[y]);
    const threshold = weightedThresholds(scores, weights, miss);
    const own = weight.map((w) => (w > 0 ? threshold(w) : 0));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return {
      kl,
      plain: exactExpectation(
        policy,
        error.map((e) => Number(e <= q)),
      ),
      weighted: exactExpectation(
        policy,
        error.map((e, y) => Number(e <= own[y])),
      ),
      infinite: exactExpectation(
        policy,
        own.map((t) => Number(t === Number.POSITIVE_INFINITY)),
      ),
      effective: total === 0 ? 0 : total ** 2 / weights.reduce((sum, w) => sum + w * w, 0),
    };
  });
}
