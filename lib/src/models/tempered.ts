import { memoize, tf } from "../tensor/index.js";
import { checkSampling } from "./sampling.js";
import { sequenceLogProbs, type Transformer } from "./transformer.js";

/**
 * The model whose next token has softmax(logits / temperature): what `generator` with that temperature draws from, as a
 * model of its own on the same parameters. Its log-probabilities are those of what was drawn (`samplingLogProbs`).
 * @throws DomainError unless the temperature is positive; at 0 nothing is left to chance, and no token has a
 *   log-probability that can be learned from
 */
export function tempered(model: Transformer, temperature: number): Transformer {
  if (temperature === 1) return model;
  checkSampling({ temperature }, model.config.vocabulary, { positive: true });
  return memoize([model], `at temperature ${temperature}`, () => {
    // Multiplied, as `samplingLogits` does, so that both round alike.
    const divided = <T extends tf.Tensor>(logits: T) => tf.mul(logits, 1 / temperature) as T;
    const logits: Transformer["logits"] = (...given) => tf.tidy(() => divided(model.logits(...given)));
    return {
      ...model,
      logits,
      head: (...given) => tf.tidy(() => divided(model.head(...given))),
      logProbs: (params, tokens, mask, options) =>
        tf.tidy(() =>
          sequenceLogProbs((read, from) => logits(params, read, { ...options, from }), tokens, mask, options),
        ),
      trace: (...given) =>
        tf.tidy(() => {
          const trace = model.trace(...given);
          return { ...trace, logits: divided(trace.logits) };
        }),
    };
  });
}
