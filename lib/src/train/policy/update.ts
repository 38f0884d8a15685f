import type { ActorCritic, ActorCriticParams, Transformer, TransformerParams } from "../../models/index.js";
import { approxKl } from "../../policy/tensor.js";
import {
  categoricalEntropy,
  globalNorm,
  type Optimizer,
  type Tree,
  tf,
  tokenLogProbs,
  valueAndGradients,
} from "../../tensor/index.js";
import type { TrainStep } from "../train.js";
import type { PolicyAlgorithm } from "./algorithm.js";

/** A policy with or without a critic. */
export type PolicyParams = { policy: TransformerParams } | ActorCriticParams;

/** What a gradient step changes. */
export type PolicyState<O extends Tree> = { params: PolicyParams; optimizer: O };

/**
 * A part of an experience as tensors, [B, T] (advantages: [B, T] or [B]), and the coefficient of
 * the reference KL, a scalar.
 */
export type PolicyBatch = {
  beta: tf.Scalar;
  tokens: tf.Tensor2D;
  mask: tf.Tensor2D;
  logpOld: tf.Tensor2D;
  logpRef: tf.Tensor2D;
  advantages: tf.Tensor;
  starts?: tf.Tensor1D;
  oldValues?: tf.Tensor2D;
  returns?: tf.Tensor2D;
};

/**
 * One gradient step of an algorithm on a part of an experience, to be captured. Besides the algorithm's own
 * metrics it reports the gradient's norm and approxKl before this step: k3's estimate of KL(old || new), in nats
 * per token, never below 0. With `onlyLast` only that many last columns are predicted.
 */
export function policyStep<O extends Tree>(
  model: Transformer,
  critic: ActorCritic | undefined,
  algorithm: PolicyAlgorithm,
  optimizer: Optimizer<O>,
  onlyLast?: number,
): TrainStep<PolicyState<O>, PolicyBatch> {
  return (state, batch) => {
    const { loss, metrics, gradients } = valueAndGradients(state.params, (params) => {
      const { tokens, mask, starts, logpOld } = batch;
      const [rows, columns] = tokens.shape;
      const read = tokens.slice([0, 0], [rows, columns - 1]);
      // The column of the first token whose prediction is computed.
      const first = onlyLast === undefined ? 1 : columns - onlyLast;
      const options = { starts, from: first - 1 };
      const forward =
        critic === undefined
          ? { logits: model.logits(params.policy, read, options) }
          : critic.forward(params as ActorCriticParams, read, options);
      // Column 0 is given, never predicted; what is read after column t - 1 is about token t.
      const aligned = (values: tf.Tensor) =>
        tf.mul(tf.concat([tf.zeros([rows, first]), values], 1), mask) as tf.Tensor2D;
      const { logits } = forward;
      const logpNew = aligned(tokenLogProbs(logits, tokens.slice([0, first], [rows, columns - first])));
      const values = "values" in forward ? aligned(forward.values) : undefined;
      const entropy = () => aligned(categoricalEntropy(logits));
      const result = algorithm.loss({ ...batch, logpNew, values, entropy });
      return { ...result, approxKl: approxKl(logpNew, logpOld, mask).k3 };
    });
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, ...(metrics as { [name: string]: tf.Scalar }), gradientNorm: globalNorm(gradients) },
    };
  };
}
