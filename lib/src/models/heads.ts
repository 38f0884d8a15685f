import { type Key, split } from "../random/index.js";
import { checkShapes, mapTree, normalInit, tf, zerosInit } from "../tensor/index.js";
import type { TransformerOptions } from "./config.js";
import type { LinearParams } from "./linear.js";
import { type ForwardOptions, inPart, type Transformer, transformer } from "./transformer.js";
import type { TransformerParams } from "./transformerParams.js";

/** One number read off the residual stream: weight [D, 1], bias [1]. */
export type ScalarHeadParams = LinearParams;

/** Weights Normal(0, 1 / (D + 1)), bias 0 (Ziegler et al. 2019, arXiv:1909.08593). */
export function initScalarHead(key: Key, width: number): ScalarHeadParams {
  return { weight: normalInit(key, [width, 1], 1 / Math.sqrt(width + 1)), bias: zerosInit([1]) };
}

/** hidden [..., D] -> [...]. */
export function scalarHead(params: ScalarHeadParams, hidden: tf.Tensor): tf.Tensor {
  const shape = hidden.shape.slice(0, -1);
  return tf.tidy(() => {
    const flat = hidden.reshape([-1, hidden.shape.at(-1) as number]) as tf.Tensor2D;
    // The bias comes after the reshape: a product with one column and a bias at once would round otherwise
    // in a graph than eagerly.
    return tf.add(tf.matMul(flat, params.weight as tf.Tensor2D).reshape(shape), params.bias);
  });
}

/** A transformer body with a scalar head on it: a critic, or a reward model. */
export type ScalarModelParams = { body: TransformerParams; head: ScalarHeadParams };

/** A transformer that reads tokens and says numbers. */
export interface ScalarModel {
  readonly backbone: Transformer;
  /** Fresh parameters; with `body`, say a trained policy's, only the head is fresh. */
  init(key: Key, body?: TransformerParams): ScalarModelParams;
  /** One number after every token, [B, T]: values[b, t] has seen tokens 0 .. t. */
  values(params: ScalarModelParams, tokens: tf.Tensor, options?: ForwardOptions): tf.Tensor2D;
  /** One number per row, [B]: what the head says at column ends[b], the row's last token ([B] int32). */
  rewards(params: ScalarModelParams, tokens: tf.Tensor, ends: tf.Tensor, options?: ForwardOptions): tf.Tensor1D;
}

/** A scalar model with a body of its own: a separate critic, or a reward model. */
export function scalarModel(options: TransformerOptions): ScalarModel {
  const backbone = transformer(options);
  const values = (params: ScalarModelParams, tokens: tf.Tensor, options?: ForwardOptions) =>
    tf.tidy(() => scalarHead(params.head, backbone.hidden(params.body, tokens, options)) as tf.Tensor2D);
  return {
    backbone,
    init(key, body) {
      const [bodyKey, headKey] = split(key);
      return { body: body ?? backbone.init(bodyKey), head: initScalarHead(headKey, backbone.config.width) };
    },
    values,
    rewards: (params, tokens, ends, options) => tf.tidy(() => atColumn(values(params, tokens, options), ends)),
  };
}

/** values[b, columns[b]]: [B, T] and [B] int32 -> [B]. */
export function atColumn(values: tf.Tensor, columns: tf.Tensor): tf.Tensor1D {
  const { T } = checkShapes({ values: [values, ["B", "T"]], columns: [columns, ["B"]] });
  return tf.tidy(() => tf.sum(tf.mul(values, tf.oneHot(columns as tf.Tensor1D, T).toFloat()), 1) as tf.Tensor1D);
}

/**
 * Parameters of an actor with a critic. Shared: the critic is a head on the policy's own body.
 * Separate: a model of its own.
 */
export type ActorCriticParams = { policy: TransformerParams; critic: ScalarHeadParams | ScalarModelParams };

/** A policy and its critic. */
export interface ActorCritic {
  readonly policy: Transformer;
  readonly shared: boolean;
  /** Fresh parameters; with `policy`, a trained one's, the critic starts from its body. */
  init(key: Key, policy?: TransformerParams): ActorCriticParams;
  /** logits [B, T, V] for the next token and values [B, T], both having seen tokens 0 .. t; with `from`, T - from. */
  forward(
    params: ActorCriticParams,
    tokens: tf.Tensor,
    options?: ForwardOptions,
  ): { logits: tf.Tensor3D; values: tf.Tensor2D };
}

/**
 * Policy and critic on one body (`shared: true`: half the work, but the value loss moves the policy) or on two.
 * A separate critic that is given a trained policy gets a copy of its body. `policy` is the model that the actor is,
 * when it is not the plain one of that size (see `tempered`).
 */
export function actorCritic(
  options: TransformerOptions,
  { shared, policy = transformer(options) }: { shared: boolean; policy?: Transformer },
): ActorCritic {
  const critic = scalarModel(options);
  return {
    policy,
    shared,
    init(key, trained) {
      const [policyKey, criticKey] = split(key);
      const params = trained ?? policy.init(policyKey);
      if (shared) return { policy: params, critic: initScalarHead(criticKey, policy.config.width) };
      return { policy: params, critic: critic.init(criticKey, trained && mapTree(trained, (leaf) => leaf.clone())) };
    },
    forward: (params, tokens, options) =>
      tf.tidy(() => {
        const both = ({ tokens, ...options }: ForwardOptions & { tokens: tf.Tensor }) => {
          const hidden = policy.hidden(params.policy, tokens, options);
          const logits = policy.head(params.policy, hidden) as tf.Tensor3D;
          const values = shared
            ? (scalarHead(params.critic as ScalarHeadParams, hidden) as tf.Tensor2D)
            : critic.values(params.critic as ScalarModelParams, tokens, options);
          return { logits, values };
        };
        // The whole of it in halves. Where no column is skipped only the bodies are, as they were before one could be:
        // the last bits of such runs depend on it.
        return options?.from ? inPart({ ...options, tokens }, both) : both({ ...options, tokens });
      }),
  };
}
