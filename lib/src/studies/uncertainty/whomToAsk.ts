import { exactExpectation, sigmoid } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { active, type Posterior } from "../../preferences/index.js";
import { categorical, foldIn, type Key, split, uniform } from "../../random/index.js";
import { lowerBoundReward } from "../../robust/index.js";
import { compareReplies, joinPairs, type ProxyWorld, type ReplyPairs } from "../hacking/phraseProxy.js";
import { phrasePosterior } from "./phrasePosterior.js";

/** Where new questions come from, and how they are chosen among those. */
export const askingRules = ["reference", "reference, by gain", "policy", "policy, by gain"] as const;

export type AskingRule = (typeof askingRules)[number];

export interface AskingRun {
  /** E[U] of the final policies, one for each KL. */
  utility: number[];
  /** True utility of the first reply of each question that was added: where the questions went. */
  asked: number[];
}

const BATCHES = 5;
const CANDIDATES = 200;

/**
 * 100 comparisons of the reference's replies, then as many more in five batches: pairs of the reference, or a reply of
 * the present policy (which climbs mean - 1 sd at KL 4) against one of the reference; drawn as they come, or those of
 * 200 candidates that promise the greatest information gain (BALD). The final policies climb mean - 1 sd.
 */
export function whomToAsk(
  key: Key,
  world: ProxyWorld,
  rule: AskingRule,
  { comparisons = 100, kls = [4, 8] }: { comparisons?: number; kls?: readonly number[] } = {},
): AskingRun {
  const { logRef, features, utility } = world;
  const [firstKey, moreKey] = split(key);
  let pairs = compareReplies(firstKey, world, comparisons);
  const asked: number[] = [];
  const climb = (kl: number) =>
    tiltUpToKl(logRef, lowerBoundReward(features, phrasePosterior(world, pairs), 1, logRef), kl);
  const size = Math.round(comparisons / BATCHES);
  for (let batch = 0; batch < BATCHES; batch++) {
    const [a, b, answerKey] = split(foldIn(moreKey, batch), 3);
    const count = rule.endsWith("by gain") ? CANDIDATES : size;
    const shown = rule.startsWith("policy") ? climb(4) : logRef;
    const [first, second] = [categorical(a, shown, count), categorical(b, logRef, count)];
    const chosen = rule.endsWith("by gain")
      ? bestQuestions(world, phrasePosterior(world, pairs), first, second, size)
      : Array.from({ length: size }, (_, k) => k);
    for (const k of chosen) asked.push(utility[first[k]]);
    pairs = joinPairs(
      pairs,
      answer(
        answerKey,
        world,
        chosen.map((k) => [first[k], second[k]] as const),
      ),
    );
  }
  return { utility: kls.map((kl) => exactExpectation(climb(kl), utility)), asked };
}

/** The candidates of the greatest expected information, one by one, not counting what a batch repeats. */
function bestQuestions(
  { features }: ProxyWorld,
  posterior: Posterior,
  first: Int32Array,
  second: Int32Array,
  size: number,
): number[] {
  const gains = Array.from(first, (y, k) => {
    const x = features[y].map((f, j) => f - features[second[k]][j]);
    return active.gaussianInformationGain(active.logOddsOf(posterior, x)).gain;
  });
  return gains
    .map((gain, k) => ({ gain, k }))
    .sort((p, q) => q.gain - p.gain)
    .slice(0, size)
    .map(({ k }) => k);
}

/** Bradley and Terry's model of the true utility answers. */
function answer(key: Key, { utility }: ProxyWorld, questions: readonly (readonly [number, number])[]): ReplyPairs {
  const coins = uniform(key, questions.length);
  const won = questions.map(([a, b], k) => coins[k] < sigmoid(utility[a] - utility[b]));
  return {
    chosen: Int32Array.from(questions, ([a, b], k) => (won[k] ? a : b)),
    rejected: Int32Array.from(questions, ([a, b], k) => (won[k] ? b : a)),
  };
}
