// Runs that the test kills. As a program: node --import tsx killed.ts NAME FOLDER, training without
// end, going on where it was.
import { fileURLToPath } from "node:url";
import type { MetricsRecord } from "../../lib/src/core/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { adam, type Tree } from "../../lib/src/tensor/index.js";
import { type Algorithm, algorithms, trainLanguageModel, trainPolicy } from "../../lib/src/train/index.js";
import { model, prompts, start, utility } from "./policy/phraseWorld.js";

type Run = (steps: number, folder: string) => Promise<{ params: Tree; history: MetricsRecord[] }>;
const shared = { checkpointEvery: 3, resume: true, label: false as const };

const policy =
  (algorithm: Algorithm, targetKl?: number): Run =>
  (iterations, folder) =>
    trainPolicy(key(6), {
      ...{ ...shared, folder, model, start, prompts, iterations, algorithm, targetKl },
      ...{ optimizer: adam({ rate: 3e-3, maxNorm: 1 }), reward: utility, batch: 16, newTokens: 3, stop: 0, beta: 0.1 },
    });

export const killedRuns: Record<string, Run> = {
  "a language model": async (steps, folder) => {
    const { state, history } = await trainLanguageModel(key(6), {
      ...{ ...shared, folder, steps, batch: 8, optimizer: adam({ rate: 1e-2 }), train: randint(key(7), 1000, 0, 5) },
      model: transformer({ vocabulary: 5, context: 8, width: 8, layers: 1, heads: 2 }),
    });
    return { params: state, history };
  },
  "PPO with a KL target": policy(algorithms.ppo({ epochs: 2, minibatches: 2, targetKl: 0.05 }), 0.5),
  GRPO: policy(algorithms.grpo({ epochs: 2 })),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await killedRuns[process.argv[2]](1_000_000, process.argv[3]);
