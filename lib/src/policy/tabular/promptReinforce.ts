import { checkLength, checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactExpectation } from "../../numerics/index.js";
import { categorical, foldIn, type Key } from "../../random/index.js";
import { type SequenceTree, treePolicy } from "../../trees/index.js";
import * as reinforce from "../reinforce/estimators.js";
import { type TabularWatch, tabularLoop } from "./tabularLoop.js";

export interface PromptReinforceOptions extends TabularWatch<PromptRecord> {
  tree: SequenceTree;
  /** Where each prompt's table begins, [P, V] row-major each. They are not changed. */
  logits: readonly ArrayLike<number>[];
  /** The reward of each reply to each prompt, [N] each. */
  rewards: readonly ArrayLike<number>[];
  steps: number;
  /** Replies to each prompt in a step; 8 by default. */
  group?: number;
  /** 1 by default. */
  rate?: number;
  /**
   * What a reply is compared with: the mean of the other replies "to the same prompt", which is a b(x), by default; of
   * the other replies "to any prompt" of the step; or a number.
   */
  baseline?: "to the same prompt" | "to any prompt" | number;
}

/** E[reward | prompt] of each prompt, exactly, after so many steps. */
export interface PromptRecord {
  step: number;
  values: number[];
}

/**
 * REINFORCE on several prompts at once, a table for each, `group` fresh replies to each prompt in every step:
 *
 *   z_x <- z_x + rate * (1 / group) * sum_i (R_i - b_i) score(y_i | x).
 *
 * The replies of step k to prompt x are drawn by categorical(foldIn(foldIn(key, k), x), ...), k from 1, x from 0.
 * @throws ShapeError if lengths do not fit; DomainError for an option that cannot be
 */
export function trainPromptReinforce(
  key: Key,
  options: PromptReinforceOptions,
): { logits: Float64Array[]; history: PromptRecord[] } {
  const { tree, rewards, group = 8, rate = 1, baseline = "to the same prompt" } = options;
  check(options);
  const logits = options.logits.map((table) => Float64Array.from(table));
  const enumerated = () => logits.map((table, x) => reinforce.enumeratePolicy(treePolicy(tree, table), rewards[x]));
  const history = tabularLoop<PromptRecord>(options, {
    advance(step) {
      const policies = enumerated();
      const replies = policies.map(({ logProbs }, x) => categorical(foldIn(foldIn(key, step), x), logProbs, group));
      const sums = replies.map((drawn, x) => drawn.reduce((sum, n) => sum + rewards[x][n], 0));
      const everything = sums.reduce((a, b) => a + b, 0);
      for (const [x, policy] of policies.entries()) {
        for (const reply of replies[x]) {
          const own = rewards[x][reply];
          const others = {
            "to the same prompt": (sums[x] - own) / (group - 1),
            "to any prompt": (everything - own) / (group * policies.length - 1),
          };
          const push = own - (typeof baseline === "number" ? baseline : others[baseline]);
          const score = reinforce.replyScore(policy, reply);
          for (let d = 0; d < score.length; d++) logits[x][d] += (rate * push * score[d]) / group;
        }
      }
    },
    measure: (step) => ({
      step,
      values: enumerated().map(({ logProbs }, x) => exactExpectation(logProbs, rewards[x])),
    }),
  });
  return { logits, history };
}

function check({ tree, logits, rewards, group = 8, rate = 1, baseline }: PromptReinforceOptions): void {
  if (logits.length === 0 || rewards.length !== logits.length) {
    throw new ShapeError(complaint("rewards", `${logits.length} lists, one for each prompt's table`, rewards.length));
  }
  for (const [x, table] of logits.entries()) {
    const D = tree.prefixes.length * tree.vocabulary;
    checkLength(`logits[${x}]`, table, D);
    checkLength(`rewards[${x}]`, rewards[x], tree.sequences.length);
  }
  checkPositive("rate", rate);
  const least = baseline === undefined || baseline === "to the same prompt" ? 2 : 1;
  if (!(Number.isInteger(group) && group >= least)) {
    throw new DomainError(complaint("group", `a whole number of at least ${least}`, group));
  }
  if (typeof baseline === "number" ? !Number.isFinite(baseline) : !known.includes(baseline)) {
    throw new DomainError(complaint("baseline", '"to the same prompt", "to any prompt" or a number', baseline));
  }
}

const known: readonly (string | undefined)[] = [undefined, "to the same prompt", "to any prompt"];
