import { groupAdvantages, informativeRows } from "../../../policy/index.js";
import { dapoLoss, drGrpoLoss, grpoLoss, grpoReferenceLoss, gspoLoss } from "../../../policy/tensor.js";
import { tf } from "../../../tensor/index.js";
import type { LossInputs, PolicyAlgorithm } from "../algorithm.js";

export interface GroupAlgorithmOptions {
  /** Completions to each prompt. */
  group?: number;
  /** How far a ratio may move. */
  clip?: number;
  epochs?: number;
  minibatches?: number;
}

/**
 * What the algorithms of this file share: advantages within a group, the reference KL as a part of the loss,
 * corrected for old samples.
 */
function groupAlgorithm(
  name: string,
  { group = 4, epochs = 1, minibatches = 1 }: GroupAlgorithmOptions,
  normalise: boolean,
  loss: (inputs: LossInputs) => tf.Tensor,
): PolicyAlgorithm {
  return {
    name,
    critic: false,
    group,
    epochs,
    minibatches,
    klIn: "loss",
    advantages: ({ reward }) => ({ advantages: Float32Array.from(groupAdvantages(reward, { group, normalise })) }),
    loss: (inputs) => ({ loss: tf.add(loss(inputs), penalty(inputs, epochs * minibatches > 1)) as tf.Scalar }),
  };
}

/**
 * beta times the k3 estimate of KL(policy || reference), mean over each row's tokens, then over rows. From the second
 * reading on the tokens are an older policy's, and are weighted accordingly.
 */
function penalty({ logpNew, logpOld, logpRef, mask, beta }: LossInputs, old: boolean): tf.Tensor {
  return tf.mul(beta, grpoReferenceLoss(logpNew, logpRef, mask, old ? { logpOld } : {}));
}

/**
 * GRPO: advantages are rewards standardised within the group, ratios are clipped, each completion counts the same
 * however long (Shao et al. 2024, arXiv:2402.03300).
 */
export function grpo(options: GroupAlgorithmOptions = {}): PolicyAlgorithm {
  const { clip } = options;
  return groupAlgorithm("GRPO", options, true, ({ logpNew, logpOld, advantages, mask }) =>
    grpoLoss(logpNew, logpOld, advantages, mask, { clip }),
  );
}

/**
 * Dr. GRPO: GRPO without its two normalisations, by deviation and by length (Liu et al. 2025, arXiv:2503.20783).
 * `length` is the constant that token sums are divided by, say the number of new tokens.
 */
export function drGrpo(options: GroupAlgorithmOptions & { length?: number } = {}): PolicyAlgorithm {
  const { clip, length } = options;
  return groupAlgorithm("Dr. GRPO", options, false, ({ logpNew, logpOld, advantages, mask }) =>
    drGrpoLoss(logpNew, logpOld, advantages, mask, { clip, length }),
  );
}

/**
 * DAPO: a higher ceiling for the clip, the mean over all tokens, and no learning from groups whose completions are all
 * as good (Yu et al. 2025, arXiv:2503.14476). The paper draws other prompts in their place; here those groups are left
 * out of the batch, so that shapes stay. It has no reference KL; give beta 0 to do as the paper does.
 */
export function dapo(
  options: Omit<GroupAlgorithmOptions, "clip"> & { clipLow?: number; clipHigh?: number } = {},
): PolicyAlgorithm {
  const { group = 4, clipLow, clipHigh } = options;
  const base = groupAlgorithm("DAPO", options, true, ({ logpNew, logpOld, advantages, mask }) =>
    dapoLoss(logpNew, logpOld, advantages, mask, { clipLow, clipHigh }),
  );
  return {
    ...base,
    advantages(experience, beta) {
      const keep = new Float32Array(experience.rows);
      for (const row of informativeRows(experience.reward, { group })) keep[row] = 1;
      return { ...base.advantages(experience, beta), keep };
    },
  };
}

/**
 * GSPO: one ratio for the whole completion, the geometric mean of its tokens' (Zheng et al. 2025, arXiv:2507.18071).
 */
export function gspo(
  options: Omit<GroupAlgorithmOptions, "clip"> & { clipLow?: number; clipHigh?: number } = {},
): PolicyAlgorithm {
  const { clipLow, clipHigh } = options;
  return groupAlgorithm("GSPO", options, true, ({ logpNew, logpOld, advantages, mask }) =>
    gspoLoss(logpNew, logpOld, advantages, mask, { clipLow, clipHigh }),
  );
}
