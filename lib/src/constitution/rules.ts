import { checkCount, checkNonNegative, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** A prompt and a reply to it, in words. */
export interface Exchange {
  readonly prompt: readonly string[];
  readonly reply: readonly string[];
}

/** A rule as a tree: made by the functions of `rule`, read by `compileRule`. */
export type Rule =
  | { readonly kind: "says"; readonly words: readonly string[] }
  | { readonly kind: "mentions"; readonly words: readonly string[] }
  | { readonly kind: "asksFor"; readonly words: readonly string[]; readonly among: readonly string[] }
  | { readonly kind: "at"; readonly place: number; readonly word: string }
  | { readonly kind: "before"; readonly first: string; readonly second: string }
  | { readonly kind: "atMost"; readonly count: number; readonly word: string }
  | { readonly kind: "grade"; readonly score: (exchange: Exchange) => number; readonly threshold: number }
  | { readonly kind: "not"; readonly rule: Rule }
  | { readonly kind: "and" | "or"; readonly rules: readonly Rule[] }
  | { readonly kind: "implies"; readonly condition: Rule; readonly consequence: Rule }
  | { readonly kind: "unless"; readonly rule: Rule; readonly exception: Rule };

/** The small language in which principles are written. */
export const rule = {
  /** The reply holds one of the words. */
  says: (...words: string[]): Rule => ({ kind: "says", words }),
  /** The reply holds none of the words. */
  never: (...words: string[]): Rule => rule.not(rule.says(...words)),
  /** The prompt holds one of the words, whether it asks for it or not. */
  mentions: (...words: string[]): Rule => ({ kind: "mentions", words }),
  /** The last word of the prompt that is one `among` the topics is one of these: a use, not a mention. */
  asksFor: (words: readonly string[], among: readonly string[]): Rule => ({ kind: "asksFor", words, among }),
  /** The reply's word at a place, from 0. */
  at: (place: number, word: string): Rule => ({ kind: "at", place, word }),
  /** Wherever the second word stands in the reply, the first stands earlier; true without the second. */
  before: (first: string, second: string): Rule => ({ kind: "before", first, second }),
  /** The word at most so often; its score is count / times where it stands more often. */
  atMost: (count: number, word: string): Rule => ({ kind: "atMost", count, word }),
  /** A score in [0, 1] of your own; it holds from the threshold on. */
  grade: (score: (exchange: Exchange) => number, threshold = 1): Rule => ({ kind: "grade", score, threshold }),
  not: (inner: Rule): Rule => ({ kind: "not", rule: inner }),
  and: (...rules: Rule[]): Rule => ({ kind: "and", rules }),
  or: (...rules: Rule[]): Rule => ({ kind: "or", rules }),
  /** If the condition holds, so must the consequence; without it there is no occasion: vacuously true. */
  implies: (condition: Rule, consequence: Rule): Rule => ({ kind: "implies", condition, consequence }),
  /**
   * A rule that may be broken where the exception holds (a defeasible rule): or(rule, exception), without occasion
   * there.
   */
  unless: (inner: Rule, exception: Rule): Rule => ({ kind: "unless", rule: inner, exception }),
} as const;

/** What a rule says of an exchange. */
export interface CompiledRule {
  /** True or false. */
  holds(exchange: Exchange): boolean;
  /**
   * How well it is kept, in [0, 1]: 1 or 0 for words, min for `and`, max for `or`, 1 - s for `not`, max(1 - a, b) for
   * `implies`, max for `unless`.
   */
  score(exchange: Exchange): number;
  /** Whether the rule has anything to say: false where it is true only since its condition fails (vacuous truth). */
  occasion(exchange: Exchange): boolean;
}

/**
 * A rule as functions. For rules of words alone the score is 1 where the rule holds and 0 elsewhere.
 * @throws DomainError for `at` or `atMost` with what is no whole number, and/or without parts; when called, if a grade
 *   is not in [0, 1]
 * @example compileRule(rule.never("four")).holds({ prompt: ["code"], reply: ["sorry"] }) // true
 */
export function compileRule(tree: Rule): CompiledRule {
  switch (tree.kind) {
    case "says":
      return words(({ reply }) => tree.words.some((word) => reply.includes(word)));
    case "mentions":
      return words(({ prompt }) => tree.words.some((word) => prompt.includes(word)));
    case "asksFor":
      return words(({ prompt }) =>
        tree.words.includes(prompt.filter((word) => tree.among.includes(word)).at(-1) ?? ""),
      );
    case "at":
      checkWhole("at: place", tree.place);
      return words(({ reply }) => reply[tree.place] === tree.word);
    case "before":
      return {
        ...words((exchange) => keepsOrder(exchange, tree.first, tree.second)),
        occasion: ({ reply }) => reply.includes(tree.second),
      };
    case "atMost":
      return atMost(tree.count, tree.word);
    case "grade":
      return graded(tree.score, tree.threshold);
    case "not": {
      const inner = compileRule(tree.rule);
      return { holds: (e) => !inner.holds(e), score: (e) => 1 - inner.score(e), occasion: inner.occasion };
    }
    case "and":
    case "or":
      return joined(tree.kind, tree.rules);
    case "implies":
      return implication(compileRule(tree.condition), compileRule(tree.consequence));
    case "unless": {
      const [inner, exception] = [compileRule(tree.rule), compileRule(tree.exception)];
      return {
        holds: (e) => exception.holds(e) || inner.holds(e),
        score: (e) => Math.max(exception.score(e), inner.score(e)),
        occasion: (e) => !exception.holds(e) && inner.occasion(e),
      };
    }
  }
}

const always = () => true;

function words(holds: (exchange: Exchange) => boolean): CompiledRule {
  return { holds, score: (e) => (holds(e) ? 1 : 0), occasion: always };
}

function keepsOrder({ reply }: Exchange, first: string, second: string): boolean {
  const place = reply.indexOf(second);
  return place < 0 || reply.slice(0, place).includes(first);
}

function atMost(count: number, word: string): CompiledRule {
  checkWhole("atMost: count", count);
  const times = ({ reply }: Exchange) => reply.filter((one) => one === word).length;
  return {
    holds: (e) => times(e) <= count,
    score: (e) => Math.min(1, count / Math.max(1, times(e)) || Number(times(e) === 0)),
    occasion: (e) => times(e) > 0,
  };
}

function graded(score: (exchange: Exchange) => number, threshold: number): CompiledRule {
  const checked = (exchange: Exchange) => {
    const value = score(exchange);
    checkShare("a rule's grade", value);
    return value;
  };
  return { holds: (e) => checked(e) >= threshold, score: checked, occasion: always };
}

function joined(kind: "and" | "or", rules: readonly Rule[]): CompiledRule {
  if (rules.length === 0) throw new DomainError(complaint(`${kind}: rules`, "at least one", rules));
  const parts = rules.map(compileRule);
  const scores = (e: Exchange) => parts.map((part) => part.score(e));
  return {
    holds: (e) => (kind === "and" ? parts.every((part) => part.holds(e)) : parts.some((part) => part.holds(e))),
    score: (e) => scores(e).reduce((a, b) => (kind === "and" ? Math.min(a, b) : Math.max(a, b))),
    occasion: (e) => parts.some((part) => part.occasion(e)),
  };
}

function implication(condition: CompiledRule, consequence: CompiledRule): CompiledRule {
  return {
    holds: (e) => !condition.holds(e) || consequence.holds(e),
    score: (e) => Math.max(1 - condition.score(e), consequence.score(e)),
    occasion: (e) => condition.holds(e) && consequence.occasion(e),
  };
}

function checkWhole(what: string, value: number): void {
  checkCount(what, value, 0);
}

/** How well a rule is kept by a set of exchanges. */
export interface Adherence {
  /** Share of exchanges for which it holds, the vacuous ones among them. */
  readonly holds: number;
  /** Share of exchanges on which it has an occasion. */
  readonly occasions: number;
  /** Share of those occasions on which it holds; NaN without any. */
  readonly kept: number;
}

/**
 * Adherence to a rule, with vacuous truth counted apart: a rule that never has an occasion is kept by everybody.
 * `weights` are the exchanges' probabilities; all alike by default.
 * @throws DomainError without exchanges, or for weights that are none
 */
export function adherence(
  compiled: CompiledRule,
  exchanges: readonly Exchange[],
  weights: ArrayLike<number> = exchanges.map(() => 1),
): Adherence {
  if (exchanges.length === 0) throw new DomainError(complaint("exchanges", "at least one", exchanges));
  if (weights.length !== exchanges.length) {
    throw new DomainError(complaint("weights", `${exchanges.length} numbers`, weights.length));
  }
  let [all, holds, occasions, kept] = [0, 0, 0, 0];
  exchanges.forEach((exchange, i) => {
    checkNonNegative(`weights[${i}]`, weights[i]);
    const good = compiled.holds(exchange) ? weights[i] : 0;
    all += weights[i];
    holds += good;
    if (!compiled.occasion(exchange)) return;
    occasions += weights[i];
    kept += good;
  });
  if (all === 0) throw new DomainError(complaint("weights", "at least one above 0", weights));
  return { holds: holds / all, occasions: occasions / all, kept: occasions === 0 ? Number.NaN : kept / occasions };
}
