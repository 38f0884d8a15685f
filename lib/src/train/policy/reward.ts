import { completions, type Rollout, type Tokenizer } from "../../models/index.js";
import type { RewardModel, TokenRows } from "../../rewards/index.js";
import { capture, disposeTree, type Params, tf } from "../../tensor/index.js";

/** Completions to be judged. The rollout stays its owner's. */
export interface Completions {
  readonly rollout: Rollout;
  /** The prompt of each row, [B]. */
  readonly prompts: readonly ArrayLike<number>[];
  /** What was written after it, the stop token included, [B]. Decoded on first use. */
  readonly written: readonly (readonly number[])[];
}

/** One number for each completion, [B]. */
export type RewardFunction = (completions: Completions) => ArrayLike<number>;

/** A rollout with its prompts, as reward functions want it. */
export function completionsOf(rollout: Rollout, prompts: readonly ArrayLike<number>[]): Completions {
  let written: number[][] | undefined;
  return {
    rollout,
    prompts,
    get written() {
      written ??= completions(rollout);
      return written;
    },
  };
}

/** A reward that reads words: score(completion, prompt), both decoded. */
export function textReward(
  tokenizer: Tokenizer,
  score: (completion: string, prompt: string) => number,
): RewardFunction {
  return ({ prompts, written }) =>
    Float64Array.from(written, (tokens, b) =>
      score(tokenizer.decode(tokens), tokenizer.decode(Array.from(prompts[b]))),
    );
}

/**
 * A learned reward, read at each completion's last token (Ziegler et al. 2019, arXiv:1909.08593); all rows in one captured call.
 * Whatever the padding of the prompts, the reward model reads prompt and completion from column 0 on.
 */
export function learnedReward<P extends Params>(model: RewardModel<P, TokenRows>, params: P): RewardFunction {
  const rewards = (p: P, x: TokenRows): tf.Tensor1D => model.rewards(p, x);
  return ({ rollout, prompts, written }) => {
    const [rows, columns] = rollout.tokens.shape;
    const tokens = new Int32Array(rows * columns);
    written.forEach((completion, b) => {
      tokens.set(prompts[b], b * columns);
      tokens.set(completion, b * columns + prompts[b].length);
    });
    const ends = Int32Array.from(written, (completion, b) => prompts[b].length + completion.length - 1);
    const x = { tokens: tf.tensor2d(tokens, [rows, columns], "int32"), ends: tf.tensor1d(ends, "int32") };
    const out = capture(rewards, [params, x])(params, x);
    const values = Float64Array.from(out.dataSync());
    disposeTree([out, x]);
    return values;
  };
}
