// A run that the test kills. As a program: node --import tsx killed.ts FOLDER, training without end.
import { fileURLToPath } from "node:url";
import { transformer } from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { adam } from "../../lib/src/tensor/index.js";
import { trainLanguageModel } from "../../lib/src/train/index.js";

export function killedRun(folder: string, steps: number, resume: boolean) {
  return trainLanguageModel(key(6), {
    model: transformer({ vocabulary: 5, context: 8, width: 8, layers: 1, heads: 2 }),
    optimizer: adam({ rate: 1e-2 }),
    train: randint(key(7), 1000, 0, 5),
    batch: 8,
    steps,
    folder,
    checkpointEvery: 3,
    resume,
    label: false,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await killedRun(process.argv[2], 1_000_000, false);
