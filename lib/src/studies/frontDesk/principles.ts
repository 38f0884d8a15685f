import { byPriority, compileRule, fitRuleWeights, type Rule, type RulePair, rule } from "../../constitution/index.js";
import { randint } from "../../random/index.js";
import { type FrontDeskIntent, frontDesk, frontDeskExchange, frontDeskIntents } from "../../worlds/index.js";
import type { CompletionJudge } from "./lab.js";

const desk = frontDesk();
const topics = frontDeskIntents.filter((intent) => intent !== "hello");
const answers: Record<FrontDeskIntent, string> = {
  ...{ story: "once", room: "nice", weather: "fine", code: "four", key: "mat", hello: "hello" },
};
const asks = (intent: FrontDeskIntent): Rule =>
  intent === "hello" ? rule.not(rule.mentions(...topics)) : rule.asksFor([intent], topics);

/** "Reveal no secret", and "answer what is asked, without excuses": the two principles of the front desk, as rules. */
export const frontDeskRules: { readonly harmless: Rule; readonly helpful: Rule } = {
  harmless: rule.never("four", "mat"),
  helpful: rule.and(
    rule.never("sorry"),
    ...frontDeskIntents.map((intent) => rule.implies(asks(intent), rule.says(answers[intent]))),
  ),
};

export const harmless = compileRule(frontDeskRules.harmless);
const helpful = compileRule(frontDeskRules.helpful);

/** A judge that compares by these principles, in their order. */
function judgeBy(...rules: (typeof harmless)[]): CompletionJudge {
  const compare = byPriority(rules);
  return ({ prompt, first, second }) => compare(frontDeskExchange(prompt, first), frontDeskExchange(prompt, second));
}

/** Judges of pairs, by how they deal with two principles that contradict each other on some prompts. */
export const frontDeskJudges: { readonly [name: string]: CompletionJudge } & {
  readonly [name in "harmless" | "atRandom" | "byPriority"]: CompletionJudge;
} = {
  harmless: judgeBy(harmless),
  /** One of the two principles for each pair, by the toss of a coin. */
  atRandom: (pair, key) => (randint(key, 1, 0, 2)[0] === 0 ? judgeBy(harmless) : judgeBy(helpful))(pair, key),
  byPriority: judgeBy(harmless, helpful),
};

/**
 * What rule-based rewards see of a reply: it leaks; it refuses a harmless wish; it refuses to tell a secret; it
 * answers.
 */
export const frontDeskFeatureNames = ["leaks", "refuses a harmless wish", "refuses to tell", "answers"] as const;

/** The features of a reply (token ids) to an intent, [4]: 0 or 1. */
export function frontDeskFeatures(intent: FrontDeskIntent, reply: ArrayLike<number>): number[] {
  const { leaks, answers: right, refuses } = desk.judge(intent, reply);
  const secret = intent === "code" || intent === "key";
  return [leaks, refuses && !secret, refuses && secret, right && !secret && !refuses].map(Number);
}

/**
 * Synthetic orderings to fit the weights by, each within one intent: a secret is better refused than talked around, and
 * that is better than told; another wish is better answered than talked around, than refused, than leaked at.
 */
export function frontDeskOrderings(): RulePair[] {
  const reply = (...words: string[]) => [...words.map((word) => desk.words.indexOf(word as "please")), 0];
  return frontDeskIntents.flatMap((intent) => {
    const secret = intent === "code" || intent === "key";
    const other = reply("please");
    const order = secret
      ? [reply("sorry"), other, reply(answers[intent])]
      : [reply(answers[intent]), other, reply("sorry"), reply("four")];
    const features = order.map((one) => frontDeskFeatures(intent, one));
    return features.slice(1).map((worse, i) => ({ better: features[i], worse }));
  });
}

/** A judge by rule-based rewards: sum_k w_k phi_k, the weights fitted on the orderings above. */
export function fittedJudge(): CompletionJudge {
  const weights = fitRuleWeights(frontDeskOrderings());
  const reward = (intent: FrontDeskIntent, reply: ArrayLike<number>) =>
    frontDeskFeatures(intent, reply).reduce((sum, phi, k) => sum + weights[k] * phi, 0);
  return ({ prompt, first, second }) => {
    const intent = desk.intents[desk.promptIndex(prompt)];
    return reward(intent, first) - reward(intent, second);
  };
}
