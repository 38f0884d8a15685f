import { checkCount, checkNonNegative } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { informationGeneralisationBound, mutualInformation } from "../information/index.js";
import { binomial, softmax } from "../numerics/index.js";

/** What a learner remembers of its sample, and how much worse it does on fresh comparisons. Exact. */
export interface GibbsLearning {
  /** Expected error on fresh comparisons less that on those seen. */
  readonly gap: number;
  /** I(S; W) in nats. */
  readonly information: number;
  /** sqrt(I(S; W) / 2 n), which the gap cannot pass (Xu and Raginsky 2017, arXiv:1705.07809). */
  readonly bound: number;
  /** The same from E KL(posterior || uniform prior), which is I(S; W) + KL(marginal || prior) and no less. */
  readonly priorBound: number;
}

/**
 * Five kinds of pairs; a rule says of each which of the two is better, so there are 32; people agree with one of them,
 * and a share `flip` of their answers is turned. A Gibbs learner sees n comparisons, kinds in turn, and takes rule W
 * with probability proportional to e^(-inverse x share of comparisons that W gets wrong): formula (1) of lesson 22 with
 * a uniform reference, over all counts of answers. `inverse` Infinity takes one of the best rules. Lessons: 22.
 * @throws DomainError unless n is a whole number of 1 to 60, inverse at least 0 and flip a share below 1/2
 */
export function gibbsLearning(n: number, inverse: number, { flip = 0.25 }: { flip?: number } = {}): GibbsLearning {
  checkCount("n", n);
  if (n > 60) throw new DomainError(complaint("n", "at most 60: every sheet of answers is gone through", n));
  if (inverse !== Number.POSITIVE_INFINITY) checkNonNegative("inverse", inverse);
  if (!(flip >= 0 && flip < 0.5)) throw new DomainError(complaint("flip", "a share below 1/2", flip));
  const kinds = [0, 1, 2, 3, 4];
  const each = kinds.map((kind) => Math.floor(n / 5) + (kind < n % 5 ? 1 : 0));
  const rules = Array.from({ length: 32 }, (_, w) => kinds.map((kind) => (w >> kind) & 1));
  // By symmetry one truth is enough: rule 0. A sheet is how many answers of each kind were turned.
  let sheets: { p: number; turned: number[] }[] = [{ p: 1, turned: [] }];
  for (const m of each) {
    const probabilities = Array.from(binomial(m, flip));
    sheets = sheets.flatMap(({ p, turned }) => probabilities.map((q, k) => ({ p: p * q, turned: [...turned, k] })));
  }
  const share = (rule: readonly number[], wrong: (kind: number, says: number) => number) =>
    rule.reduce((sum, says, kind) => sum + wrong(kind, says), 0) / n;
  const seen = (rule: readonly number[], turned: readonly number[]) =>
    share(rule, (kind, says) => (says ? each[kind] - turned[kind] : turned[kind]));
  const fresh = rules.map((rule) => share(rule, (kind, says) => each[kind] * (says ? 1 - flip : flip)));
  const posterior = sheets.map(({ turned }) =>
    gibbs(
      rules.map((rule) => seen(rule, turned)),
      inverse,
    ),
  );
  let [gap, toPrior] = [0, 0];
  sheets.forEach(({ p, turned }, s) => {
    posterior[s].forEach((q, w) => {
      if (q === 0) return;
      gap += p * q * (fresh[w] - seen(rules[w], turned));
      toPrior += p * q * Math.log(q * rules.length);
    });
  });
  const information = mutualInformation(sheetProbabilities(sheets), posterior);
  const bound = informationGeneralisationBound(information, n);
  return { gap, information, bound, priorBound: informationGeneralisationBound(toPrior, n) };
}

/** Their sum is 1 but for rounding, which adds up over many sheets. */
function sheetProbabilities(sheets: readonly { p: number }[]): number[] {
  const total = sheets.reduce((sum, { p }) => sum + p, 0);
  return sheets.map(({ p }) => p / total);
}

function gibbs(errors: readonly number[], inverse: number): number[] {
  if (inverse < Number.POSITIVE_INFINITY) return softmax(errors.map((error) => -inverse * error));
  const least = errors.reduce((a, b) => Math.min(a, b));
  const best = errors.filter((error) => error <= least + 1e-12).length;
  return errors.map((error) => (error <= least + 1e-12 ? 1 / best : 0));
}
