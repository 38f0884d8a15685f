import type { Transformer, TransformerParams } from "../../models/index.js";
import { approxKl } from "../../policy/tensor.js";
import { capture, disposeTree, memoize, tf } from "../../tensor/index.js";
import { type Experience, takeRows } from "./experience.js";
import type { Written } from "./learner.js";

/** Rows of an experience as tensors, all of them without `rows`. */
export function writtenRows(experience: Experience, rows?: ArrayLike<number>): Written {
  const { columns, tokens, mask, starts } = experience;
  const shape: [number, number] = [rows?.length ?? experience.rows, columns];
  return {
    tokens: tf.tensor2d(takeRows(tokens, columns, rows), shape, "int32"),
    mask: tf.tensor2d(takeRows(mask, columns, rows), shape),
    ...(starts && { starts: tf.tensor1d(takeRows(starts, 1, rows), "int32") }),
  };
}

/** KL(old || new) by k3 on what the old policy wrote, nats per token, never below 0: how far an iteration went. */
export function approxKlOf(model: Transformer, policy: TransformerParams, experience: Experience): number {
  const { rows, columns } = experience;
  type Drift = (policy: TransformerParams, x: Written & { logpOld: tf.Tensor2D }) => tf.Scalar;
  const drift = memoize<Drift>([model], "KL old against new", () => (params, { tokens, mask, starts, logpOld }) => {
    const { perToken } = model.logProbs(params, tokens, mask, { starts });
    return approxKl(perToken, logpOld, mask).k3;
  });
  const x = { ...writtenRows(experience), logpOld: tf.tensor2d(experience.logpOld, [rows, columns]) };
  const kl = capture(drift, [policy, x])(policy, x);
  const value = kl.dataSync()[0];
  disposeTree([x, kl]);
  return value;
}
