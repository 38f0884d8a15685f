import { penalisedRewards } from "../../numerics/index.js";
import type { SequenceTree } from "../../trees/index.js";
import { generalizedAdvantages, nStepAdvantages } from "../returns/index.js";
import type { DrawnTokens } from "./runTabular.js";

export interface ValueTableOptions {
  /**
   * How fast the critic's table moves towards its targets; 0.3 by default. 1 makes it the mean of the batch's targets.
   */
  criticRate?: number;
  /** Of the advantages, and of the critic's targets: 0 asks the critic after one token, 1 never. 0.95 by default. */
  lambda?: number;
  /** Given, n-step returns take the place of lambda-returns. */
  n?: number;
}

/** Per-token V: one number for each prefix, and generalised advantages from it. */
export class ValueTable {
  readonly values: Float64Array;
  readonly #vocabulary: number;

  constructor(tree: SequenceTree) {
    this.values = new Float64Array(tree.prefixes.length);
    this.#vocabulary = tree.vocabulary;
  }

  #prefix(place: number): number {
    return Math.floor(place / this.#vocabulary);
  }

  /**
   * Advantages of the drawn tokens, [M], and the critic's targets. Each token's reward is that of the reply, at its
   * last token, minus beta (log pi - log ref): the per-token penalty, which adds up to the reply's. No discount;
   * nothing comes after the end.
   */
  judge(
    drawn: DrawnTokens,
    beta: number,
    { lambda = 0.95, n }: Pick<ValueTableOptions, "lambda" | "n">,
  ): { advantages: Float64Array; targets: Float64Array } {
    const advantages = new Float64Array(drawn.tokenIndices.length);
    const paid = penalisedRewards(drawn.reward, drawn.logp, drawn.logpRef, beta);
    const before = Float64Array.from(drawn.tokenIndices, (at) => this.values[this.#prefix(at)]);
    for (let b = 0; b + 1 < drawn.starts.length; b++) {
      const [from, to] = [drawn.starts[b], drawn.starts[b + 1]];
      const rewards = paid.subarray(from, to);
      const values = new Float64Array(to - from + 1);
      values.set(before.subarray(from, to));
      advantages.set(
        n === undefined
          ? generalizedAdvantages(rewards, values, { discount: 1, lambda })
          : nStepAdvantages(rewards, values, { discount: 1, n }),
        from,
      );
    }
    return { advantages, targets: advantages.map((advantage, i) => advantage + before[i]) };
  }

  /** V(p) += rate * (mean target of the batch - V(p)) for every prefix that was visited. */
  learn(drawn: DrawnTokens, targets: Float64Array, rate: number): void {
    const sums = new Map<number, [sum: number, count: number]>();
    drawn.tokenIndices.forEach((at, i) => {
      const p = this.#prefix(at);
      const [sum, count] = sums.get(p) ?? [0, 0];
      sums.set(p, [sum + targets[i], count + 1]);
    });
    for (const [p, [sum, count]] of sums) this.values[p] += rate * (sum / count - this.values[p]);
  }
}
