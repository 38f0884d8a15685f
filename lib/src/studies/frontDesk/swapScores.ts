import type { SwapScores } from "../../constitution/index.js";
import type { Transformer, TransformerParams } from "../../models/index.js";
import { capture, memoize, tf, valueAndGradients } from "../../tensor/index.js";

/**
 * What the gradient says of swapping a word of a prompt, for `redTeam.tokenGradient`: [length][words], the first-order
 * change of log(sum over `targets` of P(first word of the reply)): gradient at the place's embedding, times the new
 * word's embedding minus the old one's. Each prompt is differentiated once.
 */
export function swapScores(
  model: Transformer,
  params: TransformerParams,
  targets: readonly number[],
  words: readonly number[],
): SwapScores {
  const run = memoize([model], `swap scores of ${targets}`, () => (p: TransformerParams, tokens: tf.Tensor2D) => {
    const T = tokens.shape[1];
    // The gradient in a place's position embedding is the gradient in its word's embedding: they are added.
    const { gradients } = valueAndGradients({ positions: p.positions }, ({ positions }) => {
      const logits = model.logits({ ...p, positions }, tokens).slice([0, T - 1, 0], [1, 1, model.config.vocabulary]);
      const probabilities = tf.softmax(logits.reshape([model.config.vocabulary]));
      return tf.log(tf.sum(tf.gather(probabilities, tf.tensor1d([...targets], "int32")))) as tf.Scalar;
    });
    const places = (gradients.positions as tf.Tensor2D).slice([0, 0], [T, model.config.width]);
    return tf.matMul(places, p.tokens as tf.Tensor2D, false, true) as tf.Tensor2D; // [T, V]
  });
  const known = new Map<string, number[][]>();
  return (prompt) => {
    const name = prompt.join();
    const old = known.get(name);
    if (old !== undefined) return old;
    const tokens = tf.tensor2d([...prompt], [1, prompt.length], "int32");
    const products = capture(run, [params, tokens])(params, tokens);
    const values = products.arraySync();
    tf.dispose([tokens, products]);
    const scores = values.map((row, t) => words.map((word) => row[word] - row[prompt[t]]));
    known.set(name, scores);
    return scores;
  };
}
