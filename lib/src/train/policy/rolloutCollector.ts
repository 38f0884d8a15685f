import {
  generator,
  leftPad,
  type SamplingOptions,
  type Transformer,
  type TransformerParams,
} from "../../models/index.js";
import { type Key, split } from "../../random/index.js";
import { capture, disposeTree, memoize, type tf } from "../../tensor/index.js";
import { checkTokenIds } from "../../tokenizers/index.js";
import { type Experience, experienceOf } from "./experience.js";
import type { Learner, LearnerState, Written } from "./learner.js";
import { completionsOf, type RewardFunction } from "./reward.js";

export interface RolloutOptions {
  model: Transformer;
  /** Draws `count` prompts, as token rows. */
  prompts(key: Key, count: number): readonly ArrayLike<number>[];
  /** What the policy is trained on, and what people really want (measured, never learned from). */
  reward: RewardFunction;
  trueReward?: RewardFunction;
  /** What is to be kept small, by name: measured, and in the experience for algorithms that are constrained. */
  costs?: { readonly [name: string]: RewardFunction };
  /**
   * Whose completions to the same prompts each one is compared with, given the policy as it is now:
   * `(policy) => policy` is self-play, `() => earlier` a frozen one.
   * It writes at the same temperature; its parameters stay the caller's.
   */
  opponent?(policy: TransformerParams): TransformerParams;
  /** Completions per iteration (32): a multiple of the algorithm's group. */
  batch?: number;
  /** N: tokens of a completion at most, and how they end. */
  newTokens: number;
  stop?: number | readonly number[];
  pad?: number;
  /**
   * The policy is softmax(logits / temperature), 1 by default, wherever it occurs: in what is written, in the
   * log-probabilities that are learned from, in its entropy and its KL; and so is the reference, so that a policy
   * begins at a KL of 0. What is trained is what is sampled at this temperature (as in TRL, which divides all three as
   * well); write with it afterwards, too.
   */
  temperature?: SamplingOptions["temperature"];
  /**
   * Leave out of the last layer what only predictions of the prompts' own tokens need, which nothing is learned from.
   * The same numbers but for rounding, a little sooner (bench/README.md); false by default, since a run's last bits are
   * others then.
   */
  skipPrompts?: boolean;
}

/**
 * Writes completions to fresh prompts, `group` to each, and has them judged. `model` is the policy at its temperature.
 */
export function rolloutCollector(
  options: RolloutOptions,
  group: number,
  reference: TransformerParams,
  { values }: Pick<Learner, "values">,
): (key: Key, state: Pick<LearnerState, "params" | "beta">) => Experience {
  const { model, batch = 32, newTokens, stop, pad = 0, temperature } = options;
  const generate = generator(model, { newTokens, stop, pad, temperature });
  type Judge = (params: LearnerState["params"], beta: tf.Scalar, ref: TransformerParams, written: Written) => Judged;
  const judge = memoize<Judge>(
    [model, values ?? model],
    `judge, last ${options.skipPrompts && newTokens}`,
    () => (params, beta, ref, written) => {
      const { tokens, mask, starts } = written;
      const from = options.skipPrompts ? tokens.shape[1] - newTokens : 0;
      const { perToken } = model.logProbs(ref, tokens, mask, { starts, from });
      return { logpRef: perToken, ...(values && { values: values(params, beta, ref, written) }) };
    },
  );
  return (key, { params, beta }) => {
    const [promptKey, writeKey, opponentKey] = split(key, 3);
    const asked = options.prompts(promptKey, batch / group);
    asked.forEach((prompt, i) => {
      checkTokenIds(`prompts[${i}]`, prompt, model.config.vocabulary);
    });
    const rows = asked.flatMap((prompt) => new Array<ArrayLike<number>>(group).fill(prompt));
    const prompts = leftPad(rows, { pad });
    const rollout = generate(writeKey, params.policy, prompts);
    const opponent = options.opponent && generate(opponentKey, options.opponent(params.policy), prompts);
    const completions = completionsOf(rollout, rows, opponent);
    const { tokens, mask } = rollout;
    const written: Written = { tokens, mask, ...(prompts.starts && { starts: prompts.starts }) };
    const judged = capture(judge, [params, beta, reference, written])(params, beta, reference, written);
    const experience = experienceOf(rollout, prompts, group, {
      logpRef: judged.logpRef.dataSync() as Float32Array,
      ...(judged.values && { values: judged.values.dataSync() as Float32Array }),
      reward: options.reward(completions),
      ...(options.trueReward && { trueReward: options.trueReward(completions) }),
      ...(options.costs && {
        costs: Object.fromEntries(Object.entries(options.costs).map(([name, cost]) => [name, cost(completions)])),
      }),
      ...(opponent && { opponent }),
    });
    disposeTree([rollout, judged, prompts]);
    if (opponent) disposeTree(opponent);
    return experience;
  };
}

type Judged = { logpRef: tf.Tensor2D; values?: tf.Tensor2D };
