import { complaint, DomainError } from "../core/index.js";
import { checkIntegers, checkShapes, tf, timesTransposed } from "../tensor/index.js";
import type { TransformerConfig } from "./config.js";
import type { TransformerParams } from "./transformerParams.js";

/** Token plus position embedding, [B, T, D]. In a left-padded row the first real token has position 0. */
export function embed(
  params: Pick<TransformerParams, "tokens" | "positions">,
  tokens: tf.Tensor,
  starts?: tf.Tensor,
): tf.Tensor3D {
  const [, T] = tokens.shape as [number, number];
  const width = params.positions.shape[1] as number;
  const embedded = tf.gather(params.tokens, tokens as tf.Tensor2D);
  if (starts === undefined) return tf.add(embedded, params.positions.slice([0, 0], [T, width]));
  const columns = tf.tensor(
    Int32Array.from({ length: T }, (_, t) => t),
    [1, T],
    "int32",
  );
  const positions = tf.maximum(tf.sub(columns, starts.reshape([-1, 1])), tf.scalar(0, "int32"));
  return tf.add(embedded, tf.gather(params.positions, positions as tf.Tensor2D));
}

/** hidden [..., D] times the transposed token embedding [V, D] -> [..., V]. */
export function tiedHead(params: TransformerParams, hidden: tf.Tensor): tf.Tensor {
  const [vocabulary, width] = params.tokens.shape as [number, number];
  const flat = hidden.reshape([-1, width]) as tf.Tensor2D;
  return timesTransposed(flat, params.tokens).reshape([...hidden.shape.slice(0, -1), vocabulary]);
}

/** @throws DomainError for tokens that are none, or more columns than the context */
export function checkTokens(
  config: TransformerConfig,
  tokens: tf.Tensor,
  starts?: tf.Tensor,
): { B: number; T: number } {
  const { B, T } = checkShapes({ tokens: [tokens, ["B", "T"]], ...(starts && { starts: [starts, ["B"]] }) });
  checkIntegers("tokens", tokens);
  if (T > config.context) {
    const hint = "The model has no position beyond its context";
    throw new DomainError(complaint("tokens", `at most ${config.context} columns, the context`, T, hint));
  }
  return { B, T };
}
