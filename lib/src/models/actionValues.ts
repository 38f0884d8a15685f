import { foldIn, type Key, split } from "../random/index.js";
import { mapTree, normalInit, tf, zerosInit } from "../tensor/index.js";
import type { TransformerOptions } from "./config.js";
import { type LinearParams, linear } from "./linear.js";
import { type ForwardOptions, type Transformer, transformer } from "./transformer.js";
import type { TransformerParams } from "./transformerParams.js";

/** A body with heads over the vocabulary, by number: "0", "1", ... weight [D, V], bias [V]. */
export type ActionValueParams = { body: TransformerParams; heads: { [number: string]: LinearParams } };

/** A transformer that says what each next token is worth: Q(prompt and tokens so far, token), several times over. */
export interface ActionValueModel {
  readonly backbone: Transformer;
  readonly heads: number;
  /** Fresh parameters; with `body`, say a trained policy's, its body is a copy of that one. */
  init(key: Key, body?: TransformerParams): ActionValueParams;
  /** One [B, T, V] for each head: values[h][b, t, v] has seen tokens 0 .. t and judges token v as the next one. */
  values(params: ActionValueParams, tokens: tf.Tensor, options?: ForwardOptions): tf.Tensor3D[];
}

/** Action values on a body of their own. Heads begin near 0, Normal(0, 0.01 / D), each with numbers of its own. */
export function actionValueModel(
  options: TransformerOptions,
  { heads = 2 }: { heads?: number } = {},
): ActionValueModel {
  const backbone = transformer(options);
  const { width: D, vocabulary: V } = backbone.config;
  const numbers = Array.from({ length: heads }, (_, h) => h);
  return {
    backbone,
    heads,
    init(key, body) {
      const [bodyKey, headKey] = split(key);
      const fresh = numbers.map((h): [string, LinearParams] => {
        return [`${h}`, { weight: normalInit(foldIn(headKey, h), [D, V], 0.1 / Math.sqrt(D)), bias: zerosInit([V]) }];
      });
      return {
        body: body === undefined ? backbone.init(bodyKey) : mapTree(body, (leaf) => leaf.clone()),
        heads: Object.fromEntries(fresh),
      };
    },
    values: (params, tokens, options) =>
      tf.tidy(() => {
        const hidden = backbone.hidden(params.body, tokens, options);
        const flat = hidden.reshape([-1, D]);
        const shape = [...hidden.shape.slice(0, -1), V];
        return numbers.map((h) => linear(params.heads[h], flat).reshape(shape) as tf.Tensor3D);
      }),
  };
}
