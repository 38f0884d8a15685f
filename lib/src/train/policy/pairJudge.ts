import { checkCount, checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { RewardFunction } from "./reward.js";

/** Pairs to be judged: two completions, as token lists, to each prompt, [n] each. */
export interface CompletionPairs {
  readonly prompts: readonly ArrayLike<number>[];
  readonly first: readonly (readonly number[])[];
  readonly second: readonly (readonly number[])[];
}

/**
 * P(first preferred to second) of each pair, [n], in [0, 1]: where no score holds what people want, only comparisons.
 * From samples of answers 0 or 1; a judge that is a score s says sigmoid(s(first) - s(second)).
 */
export type PairJudge = (pairs: CompletionPairs) => ArrayLike<number>;

/**
 * The reward of winning against the trainer's opponent: P(completion preferred to the opponent's to the same prompt).
 * With the policy itself as opponent its mean is a half, and its gradient that of self-play (Munos et al. 2023,
 * arXiv:2312.00886). The reward throws DomainError without an opponent, or if a probability is none.
 */
export function winsAgainstOpponent(judge: PairJudge): RewardFunction {
  return ({ prompts, written, opponent }) => {
    if (opponent === undefined) {
      const hint = "Give trainPolicy an opponent, or judge within groups by winsInGroup";
      throw new DomainError(complaint("opponent", "completions to compare with", opponent, hint));
    }
    return probabilities(judge, { prompts, first: written, second: opponent });
  };
}

/**
 * The reward of winning against the other completions to the same prompt, `group` neighbours: the mean over the others
 * of P(preferred to that one). Each pair is shown in both orders, and 1 minus the answer counted for the other one, so
 * that rewards of a group add up to group / 2, whatever the judge thinks of places. With groups of two it is what
 * online DPO asks (Guo et al. 2024, arXiv:2402.04792).
 * @throws DomainError unless group is a whole number of at least 2. The reward throws if the rows are no groups.
 */
export function winsInGroup(judge: PairJudge, { group }: { group: number }): RewardFunction {
  checkCount("group", group, 2);
  return ({ prompts, written }) => {
    const B = written.length;
    if (B % group !== 0) throw new ShapeError(complaint("completions", `a multiple of the group, ${group}`, B));
    const rows: [first: number, second: number][] = [];
    for (let i = 0; i < B; i++) {
      const start = i - (i % group);
      for (let j = start; j < start + group; j++) if (j !== i) rows.push([i, j]);
    }
    const answers = probabilities(judge, {
      prompts: rows.map(([i]) => prompts[i]),
      first: rows.map(([i]) => written[i]),
      second: rows.map(([, j]) => written[j]),
    });
    const out = new Float64Array(B);
    rows.forEach(([i, j], k) => {
      out[i] += answers[k] / (2 * (group - 1));
      out[j] += (1 - answers[k]) / (2 * (group - 1));
    });
    return out;
  };
}

function probabilities(judge: PairJudge, pairs: CompletionPairs): Float64Array {
  const answers = Float64Array.from(judge(pairs));
  checkLength("judge's answers", answers, pairs.first.length, "one per pair");
  const wrong = answers.findIndex((p) => !(p >= 0 && p <= 1));
  if (wrong >= 0) {
    throw new DomainError(complaint(`judge's answer to pair ${wrong}`, "a number from 0 to 1", answers[wrong]));
  }
  return answers;
}
