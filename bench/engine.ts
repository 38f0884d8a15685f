// npm run bench engine: the engine against PyTorch eager with the same architecture, two threads each, alternating.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { randint } from "rlhf-lab/random";
import { adam, capture, crossEntropy, tf, valueAndGradients } from "rlhf-lab/tensor";
import { generationRow } from "./engine/generation.js";
import { alternate, benchPython, Peer, type Row, row } from "./harness.js";

interface Shape {
  batch: number;
  length: number;
  width: number;
  layers: number;
  heads: number;
  vocabulary: number;
}

export const SMALL: Shape = { batch: 32, length: 32, width: 64, layers: 2, heads: 4, vocabulary: 64 };
export const LARGE: Shape = { batch: 32, length: 64, width: 256, layers: 4, heads: 8, vocabulary: 512 };

/** The training step and the log-probabilities that are timed, eager and captured. */
export function workload({ batch, length, ...size }: Shape) {
  const model = transformer({ ...size, context: length });
  const optimizer = adam({ rate: 1e-3 });
  const all = tf.tensor(randint(key(1), batch * (length + 1), 0, size.vocabulary), [batch, length + 1], "int32");
  const tokens = all.slice([0, 0], [batch, length]);
  const targets = all.slice([0, 1], [batch, length]);
  let params = model.init(key(0));
  let state = optimizer.init(params);

  type Params = typeof params;
  type State = typeof state;
  const step = (params: Params, state: State, tokens: tf.Tensor, targets: tf.Tensor) => {
    const { loss, gradients } = valueAndGradients(params, (p) => crossEntropy(model.logits(p, tokens), targets));
    return { ...optimizer.update(gradients, state, params), loss };
  };
  const logProbs = (params: Params, all: tf.Tensor) => model.logProbs(params, all).perToken;
  const fastStep = capture(step, [params, state, tokens, targets]);
  const fastLogProbs = capture(logProbs, [params, all]);

  const advance = (run: typeof step) => {
    const next = run(params, state, tokens, targets);
    tf.dispose([params, state]);
    ({ params, state } = next);
    const [loss] = next.loss.dataSync();
    next.loss.dispose();
    return loss;
  };
  return {
    train: (steps: number) => repeat(steps, () => advance(fastStep)),
    trainEagerly: (steps: number) => repeat(steps, () => advance((...args) => tf.tidy(() => step(...args)))),
    logProbs: (times: number) =>
      repeat(times, () => {
        const logp = fastLogProbs(params, all);
        const [first] = logp.dataSync();
        logp.dispose();
        return first;
      }),
    ops: fastStep.ops,
  };
}

function repeat(times: number, work: () => number): number {
  let last = Number.NaN;
  for (let i = 0; i < times; i++) last = work();
  return last;
}

/** Work for `alternate` that takes the milliseconds of one of `times` repetitions. */
function each(times: number, work: (times: number) => unknown): () => number {
  return () => {
    const start = performance.now();
    work(times);
    return (performance.now() - start) / times;
  };
}

export async function rows(): Promise<Row[]> {
  const python = await benchPython("engine");
  const peer = new Peer(python, join(dirname(fileURLToPath(import.meta.url)), "engine", "torch_transformer.py"), {
    OMP_NUM_THREADS: "2",
  });
  const theirs = (call: string, times: number) => async () => {
    const argument = call === "train" ? { steps: times } : { times };
    return (await peer.call(call, argument)).ms / times;
  };
  const out: Row[] = [];
  try {
    for (const [name, shape, trainGoal] of [
      ["small", SMALL, 1 / 0.8],
      ["large", LARGE, 1],
    ] as const) {
      // Turns of a few hundred milliseconds: what a pause costs the first calls weighs little.
      const times = name === "small" ? 50 : 2;
      await peer.call("setup", { ...shape });
      const ours = workload(shape);
      const rounds = { warmup: 3, rounds: 15 };
      out.push(
        row(
          `training step, ${name}`,
          "PyTorch eager",
          trainGoal,
          await alternate({ ours: each(times, ours.train), theirs: theirs("train", times) }, rounds),
        ),
        row(
          `log-probabilities, ${name}`,
          "PyTorch eager",
          1 / 1.2,
          await alternate({ ours: each(times, ours.logProbs), theirs: theirs("log_probs", times) }, rounds),
        ),
      );
      if (name === "small") {
        out.push(
          row(
            "training step, small",
            "our eager mode",
            3,
            await alternate(
              { ours: each(times, ours.train), theirs: each(1, ours.trainEagerly) },
              { warmup: 2, rounds: 7 },
            ),
          ),
        );
      }
    }
  } finally {
    await peer.close();
  }
  out.push(await generationRow(python));
  // Imported here, since it imports the shapes from this file.
  const { memoryRows } = await import("./engine/memory.js");
  return [...out, ...memoryRows()];
}
