// A row of npm run bench alignment: `transformer.trace` against a forward pass of the same model, both captured.
import { key } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { randint } from "rlhf-lab/random";
import { capture, disposeTree, tf } from "rlhf-lab/tensor";
import { alternate, type Row, row, type Work } from "../harness.js";

/**
 * Lesson 05's transformer on 32 rows of 32 tokens. "Theirs" is 1.5 forward passes, what trace may take at most, so that
 * a ratio of at least 1 keeps the promise.
 */
export async function traceRows(): Promise<Row[]> {
  const model = transformer({ vocabulary: 2048, context: 32, width: 64, layers: 2, heads: 4 });
  const params = model.init(key(1));
  const tokens = tf.tensor2d(randint(key(2), 32 * 32, 0, 2048), [32, 32], "int32");
  type Arguments = [params: typeof params, tokens: typeof tokens];
  const example: Arguments = [params, tokens];
  const forward = capture((p: typeof params, t: typeof tokens) => model.logits(p, t), example);
  const look = capture((p: typeof params, t: typeof tokens) => model.trace(p, t), example);
  const timed =
    (work: () => tf.Tensor | { logits: tf.Tensor }, share: number): Work =>
    () => {
      const start = performance.now();
      for (let i = 0; i < 20; i++) {
        const made = work();
        ("logits" in made ? made.logits : made).dataSync();
        disposeTree(made as never);
      }
      return (share * (performance.now() - start)) / 20;
    };
  const medians = await alternate(
    {
      ours: timed(() => look(params, tokens), 1),
      theirs: timed(() => forward(params, tokens), 1.5),
    },
    { warmup: 3, rounds: 15 },
  );
  return [row("transformer.trace, 32 rows of 32 tokens", "1.5 forward passes", 1, medians)];
}
