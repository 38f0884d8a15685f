import { complaint, DomainError } from "../../core/index.js";
import { completions, lastColumns, type Rollout } from "../../models/index.js";
import type { PromptCompletion } from "../../rewards/completionRows.js";
import { type CompletionRows, completionBatch, type RewardModel, type TokenRows } from "../../rewards/tensor.js";
import { capture, disposeTree, memoize, type Params, type Tree, type tf } from "../../tensor/index.js";
import type { Tokenizer } from "../../tokenizers/index.js";

/** Completions to be judged. The rollout stays its owner's. */
export interface Completions {
  readonly rollout: Rollout;
  /** The prompt of each row, [B]. */
  readonly prompts: readonly ArrayLike<number>[];
  /** What was written after it, the stop token included, [B]. Decoded on first use. */
  readonly written: readonly (readonly number[])[];
  /** What the opponent wrote after the same prompts, [B], where the trainer has one. */
  readonly opponent?: readonly (readonly number[])[];
}

/** One number for each completion, [B]. */
export type RewardFunction = (completions: Completions) => ArrayLike<number>;

/** A rollout with its prompts, and the opponent's to the same prompts, as reward functions want it. */
export function completionsOf(
  rollout: Rollout,
  prompts: readonly ArrayLike<number>[],
  opponent?: Rollout,
): Completions {
  let written: number[][] | undefined;
  let theirs: number[][] | undefined;
  return {
    rollout,
    prompts,
    get written() {
      written ??= completions(rollout);
      return written;
    },
    get opponent() {
      theirs ??= opponent && completions(opponent);
      return theirs;
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
 * A reward that compares with what people wrote after the same prompt: score(completion, references), all in words. For
 * BLEU `(text, references) => sentenceBleu(text, references).score / 100`, for ROUGE
 * `(text, [reference]) => rougeL(text, reference).fMeasure`. Used so by Ranzato et al. 2016, arXiv:1511.06732, and
 * Paulus et al. 2018, arXiv:1705.04304. The reward throws DomainError if a prompt is not among the demonstrations.
 */
export function referenceReward(
  tokenizer: Tokenizer,
  demonstrations: readonly PromptCompletion[],
  score: (completion: string, references: readonly string[]) => number,
): RewardFunction {
  const referencesOf = new Map<string, string[]>();
  for (const { prompt, completion } of demonstrations) {
    const name = Array.from(prompt).join(" ");
    referencesOf.set(name, [...(referencesOf.get(name) ?? []), tokenizer.decode(completion)]);
  }
  return ({ prompts, written }) =>
    Float64Array.from(written, (tokens, b) => {
      const references = referencesOf.get(Array.from(prompts[b]).join(" "));
      if (references === undefined) {
        throw new DomainError(complaint(`prompts[${b}]`, "a prompt of the demonstrations", prompts[b]));
      }
      return score(tokenizer.decode(tokens), references);
    });
}

/**
 * A learned reward, all rows in one captured call. Whatever the padding of the prompts, the reward model reads
 * prompt and completion from column 0 on. `input` makes what the model reads; `readsLastToken` is for those
 * that read the last token.
 */
export function rewardFromModel<P extends Params, X extends Tree>(
  model: RewardModel<P, X>,
  params: P,
  input: (rows: CompletionRows) => X,
): RewardFunction {
  type Rewards = (p: P, rows: CompletionRows) => tf.Tensor1D;
  const rewards = memoize<Rewards>([model, input], "learned reward", () => (p, rows) => model.rewards(p, input(rows)));
  return ({ rollout, prompts, written }) => {
    const pairs = written.map((completion, b) => ({ prompt: prompts[b], completion }));
    const rows = completionBatch(pairs, rollout.tokens.shape[1]);
    const out = capture(rewards, [params, rows])(params, rows);
    const values = Float64Array.from(out.dataSync());
    disposeTree([out, rows]);
    return values;
  };
}

/** For models that read the last token, as `transformerReward` does. */
export function readsLastToken({ tokens, mask }: CompletionRows): TokenRows {
  return { tokens, ends: lastColumns(mask) };
}

/** For models that read prompt and completion, as `tokenScoreReward` does. */
export function readsCompletion(rows: CompletionRows): CompletionRows {
  return rows;
}
