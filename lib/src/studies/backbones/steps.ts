import type { ActorCritic, ActorCriticParams, Transformer, TransformerParams } from "../../models/index.js";
import { a2cLoss, tokenValues, valueLoss } from "../../policy/tensor.js";
import { type Optimizer, type Tree, tf, tokenLogProbs, valueAndGradients } from "../../tensor/index.js";
import type { TrainStep } from "../../train/index.js";

export type ActorCriticState<O extends Tree> = { params: ActorCriticParams; optimizer: O };

/** Drawn replies, [B, T + 1], and the weights of the two losses, [2]: the actor's and the critic's. */
export type ActorCriticBatch = { tokens: tf.Tensor2D; mask: tf.Tensor2D; returns: tf.Tensor2D; weights: tf.Tensor1D };

/** One step down weights[0] * a2cLoss + weights[1] * valueLoss. */
export function actorCriticStep<O extends Tree>(
  model: ActorCritic,
  optimizer: Optimizer<O>,
): TrainStep<ActorCriticState<O>, ActorCriticBatch> {
  return (state, { tokens, mask, returns, weights }) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => {
      const [B, columns] = tokens.shape;
      const { logits, values } = model.forward(params, tokens.slice([0, 0], [B, columns - 1]));
      const logp = tokenLogProbs(logits, tokens.slice([0, 1], [B, columns - 1]));
      const critic = tokenValues(tf.concat([values, tf.zeros([B, 1])], 1), mask);
      const [actorWeight, valueWeight] = tf.unstack(weights);
      // The advantages hold the critic; a2cLoss lets no gradient through them.
      const actor = a2cLoss(tf.concat([tf.zeros([B, 1]), logp], 1), tf.sub(returns, critic), mask);
      return tf.add(tf.mul(actorWeight, actor), tf.mul(valueWeight, valueLoss(critic, returns, mask))) as tf.Scalar;
    });
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
  };
}

/** Every reply to every prompt, [B, T + 1], with how much each of its tokens counts. */
export type ImitationBatch = { tokens: tf.Tensor2D; weight: tf.Tensor2D };

/** One step down minus the weighted sum of log-probabilities: full-batch cross-entropy. */
export function imitationStep<O extends Tree>(
  policy: Transformer,
  optimizer: Optimizer<O>,
): TrainStep<{ params: TransformerParams; optimizer: O }, ImitationBatch> {
  return (state, { tokens, weight }) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => {
      const [B, columns] = tokens.shape;
      const logits = policy.logits(params, tokens.slice([0, 0], [B, columns - 1]));
      const logp = tokenLogProbs(logits, tokens.slice([0, 1], [B, columns - 1]));
      return tf.neg(tf.sum(tf.mul(logp, weight.slice([0, 1], [B, columns - 1])))) as tf.Scalar;
    });
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
  };
}
