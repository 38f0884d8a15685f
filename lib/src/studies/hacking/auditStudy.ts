import { exactExpectation, mean } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { categorical, foldIn, type Key, split } from "../../random/index.js";
import { auditStop, ensembleReward, labelPairs } from "../../rewards/index.js";
import { compareReplies, learnReward, type ProxyWorld, resamplePairs } from "./phraseProxy.js";

/** Ways to say when to stop. */
export const stoppingRules = [
  "best possible",
  "never stop",
  "worst member of 5",
  "audit of 20 utilities",
  "audit of 20 comparisons",
] as const;

export type StoppingRule = (typeof stoppingRules)[number];

/** E[utility] after 1, 2, ..., 10 nats, and where each rule would have stopped on the way. */
export interface AuditRun {
  readonly kls: readonly number[];
  readonly gold: readonly number[];
  readonly proxy: readonly number[];
  /** E[utility] at the KL that the rule goes back to. */
  readonly stopped: Record<StoppingRule, number>;
}

/**
 * One seed: a reward from m comparisons is optimised nat by nat, to 10. After each nat some replies of the policy are
 * shown to people: either they tell the utility of 20 of them, or they compare 20 with the reference's.
 */
export function auditRun(
  key: Key,
  world: ProxyWorld,
  { comparisons: m = 60, audit = 20 }: { comparisons?: number; audit?: number } = {},
): AuditRun {
  const [askKey, bootKey, valueKey, compareKey] = split(key, 4);
  const { logRef, utility } = world;
  const pairs = compareReplies(askKey, world, m);
  const { reward } = learnReward(world, pairs);
  const members = split(bootKey, 5).map((own) => learnReward(world, resamplePairs(own, pairs)).reward);
  const worst = ensembleReward.worstCase(members, { centre: logRef });
  const kls = Array.from({ length: 10 }, (_, i) => i + 1);
  const policies = kls.map((kl) => tiltUpToKl(logRef, reward, kl));
  const each = (values: ArrayLike<number>) => policies.map((policy) => exactExpectation(policy, values));
  const gold = each(utility);
  const told = policies.map((policy, i) =>
    mean(Array.from(categorical(foldIn(valueKey, i), policy, audit), (y) => utility[y])),
  );
  const won = policies.map((policy, i) => {
    const [own, ref, answer] = split(foldIn(compareKey, i), 3);
    const worth = (k: Key, logProbs: Float64Array) => Array.from(categorical(k, logProbs, audit), (y) => utility[y]);
    return mean(labelPairs(answer, worth(own, policy), worth(ref, logRef)));
  });
  return {
    kls,
    gold,
    proxy: each(reward),
    stopped: {
      "best possible": gold[auditStop(gold)],
      "never stop": gold[gold.length - 1],
      "worst member of 5": gold[auditStop(each(worst))],
      "audit of 20 utilities": gold[auditStop(told)],
      "audit of 20 comparisons": gold[auditStop(won)],
    },
  };
}
