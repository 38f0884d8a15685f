import { complaint, DomainError } from "../../core/index.js";
import type { Transformer, TransformerParams } from "../../models/index.js";
import { capture, memoize, tf } from "../../tensor/index.js";
import type { FrontDesk } from "../../worlds/index.js";

const BATCH = 2187; // a third of the prompts
/** A first word that is less likely than this is not followed further: at most V times this is left out of a sum. */
export const LEAST = 1e-6;

/**
 * The probabilities of all first two words of a model's reply to each prompt, from 1 + V readings of it:
 * out[(x V + a) V + b] = P(a | prompt x) P(b | prompt x, a), after <end> only <end>. Exact but for float32 and first
 * words below one in a million, whose mass is put on their pair with <end>. Sums over a prompt are 1.
 * @throws DomainError if the model's vocabulary is smaller than the desk's
 */
export function replyTable(model: Transformer, params: TransformerParams, desk: FrontDesk): Float64Array {
  const V = desk.words.length;
  if (model.config.vocabulary < V) {
    throw new DomainError(complaint("model's vocabulary", `at least ${V}`, model.config.vocabulary));
  }
  const first = nextWords(model, params, desk.prompts, V);
  const table = new Float64Array(desk.prompts.length * V * V);
  const followed: { x: number; a: number }[] = [];
  first.forEach((probabilities, x) => {
    for (let a = 0; a < V; a++) {
      if (a === 0 || probabilities[a] < LEAST) table[(x * V + a) * V] = probabilities[a];
      else followed.push({ x, a });
    }
  });
  const second = nextWords(
    model,
    params,
    followed.map(({ x, a }) => [...desk.prompts[x], a]),
    V,
  );
  followed.forEach(({ x, a }, i) => {
    for (let b = 0; b < V; b++) table[(x * V + a) * V + b] = first[x][a] * second[i][b];
  });
  return table;
}

/** The probabilities of the first V tokens after each row, all rows of one length; they are made to sum to 1. */
function nextWords(
  model: Transformer,
  params: TransformerParams,
  rows: readonly (readonly number[])[],
  V: number,
): Float64Array[] {
  const next = memoize([model], `next of ${V} words`, () => (p: TransformerParams, tokens: tf.Tensor2D) => {
    const [B, T] = tokens.shape;
    const last = model.hidden(p, tokens).slice([0, T - 1, 0], [B, 1, model.config.width]);
    const logits = model.head(p, last).reshape([B, model.config.vocabulary]);
    return tf.softmax(logits.slice([0, 0], [B, V])) as tf.Tensor2D;
  });
  const out: Float64Array[] = [];
  for (let begin = 0; begin < rows.length; begin += BATCH) {
    const part = Array.from({ length: BATCH }, (_, i) => (rows[begin + i] ?? rows[begin]) as number[]);
    const tokens = tf.tensor2d(part, [BATCH, part[0].length], "int32");
    const values = capture(next, [params, tokens])(params, tokens);
    const numbers = values.dataSync();
    for (let i = 0; i < Math.min(BATCH, rows.length - begin); i++) {
      const row = Float64Array.from(numbers.subarray(i * V, (i + 1) * V));
      const sum = row.reduce((a, b) => a + b, 0);
      out.push(row.map((p) => p / sum));
    }
    tf.dispose([tokens, values]);
  }
  return out;
}
