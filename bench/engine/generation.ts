// Generation against transformers' generate with the same weights: 32 rows, a prompt of 8 tokens, 16 new ones.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { foldIn, key } from "rlhf-lab";
import { generator, saveGpt2, transformer } from "rlhf-lab/models";
import { randint } from "rlhf-lab/random";
import { disposeTree, tf } from "rlhf-lab/tensor";
import { alternate, Peer, type Row, row } from "../harness.js";

export const GENERATION = { batch: 32, prompt: 8, newTokens: 16 };
const SIZE = { vocabulary: 64, context: 64, width: 64, layers: 2, heads: 4 };

/** Rollouts of ours, each with a fresh key and read back: tokens and log-probabilities. */
export function generation() {
  const { batch, prompt, newTokens } = GENERATION;
  const model = transformer(SIZE);
  const params = model.init(key(0));
  const tokens = tf.tensor2d(randint(key(1), batch * prompt, 0, SIZE.vocabulary), [batch, prompt], "int32");
  const generate = generator(model, { newTokens });
  let call = 0;
  return {
    run(times: number): void {
      for (let i = 0; i < times; i++) {
        const rollout = generate(foldIn(key(2), call++), params, { tokens });
        rollout.tokens.dataSync();
        rollout.logProbs.dataSync();
        disposeTree(rollout);
      }
    },
    /** Writes the weights where the peer finds them. */
    save: (folder: string) => saveGpt2(folder, model.config, params),
  };
}

/** The row for the engine's table. `python` is the interpreter of the bench's environment. */
export async function generationRow(python: string, goal = 6): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-bench-"));
  const script = join(dirname(fileURLToPath(import.meta.url)), "gpt2_generate.py");
  const peer = new Peer(python, script, { OMP_NUM_THREADS: "2" });
  try {
    const { batch, prompt, newTokens } = GENERATION;
    const ours = generation();
    ours.save(folder);
    await peer.call("setup", { folder, batch, prompt });
    // Turns of about the same length for both, so that what a pause costs the first calls weighs alike.
    const times = { ours: 100, theirs: 20 };
    const medians = await alternate(
      {
        ours: () => {
          const start = performance.now();
          ours.run(times.ours);
          return (performance.now() - start) / times.ours;
        },
        theirs: async () => {
          const { ms } = await peer.call("generate", { times: times.theirs, new_tokens: newTokens });
          return ms / times.theirs;
        },
      },
      { warmup: 3, rounds: 15 },
    );
    return row("generation, 32 x 16 tokens", "transformers' generate", goal, medians);
  } finally {
    await peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
