import { expect } from "chai";
import type { MetricsRecord } from "../../lib/src/core/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { adam } from "../../lib/src/tensor/index.js";
import {
  algorithms,
  completionLogProbs,
  directMethods,
  trainDirect,
  trainPolicy,
  trainSupervised,
} from "../../lib/src/train/index.js";

const model = transformer({ vocabulary: 9, context: 16, width: 16, layers: 2, heads: 2 });
const start = model.init(key(1));
const row = (seed: number, length: number) => Array.from(randint(key(seed), length, 0, 9));
// Prompts of different lengths, the shortest of 3 tokens.
const prompts = Array.from({ length: 20 }, (_, i) => row(i, 3 + (i % 4)));
const common = { model, start, optimizer: adam({ rate: 1e-3, maxNorm: 1 }), batch: 20, label: false } as const;
const rows = prompts.map((prompt, i) => ({ prompt, completion: row(100 + i, 1 + (i % 5)) }));
const comparisons = rows.map(({ prompt, completion }, i) => ({
  prompt,
  chosen: completion,
  rejected: row(200 + i, 1 + (i % 3)),
}));

type Run = (skipPrompts: boolean) => Promise<readonly MetricsRecord[]>;
const policy = (algorithm: Parameters<typeof trainPolicy>[1]["algorithm"], temperature = 1): Run => {
  return async (skipPrompts) =>
    (
      await trainPolicy(key(2), {
        ...common,
        skipPrompts,
        algorithm,
        temperature,
        prompts: (_, count) => prompts.slice(0, count),
        reward: ({ written }) => written.map((tokens) => tokens.filter((token) => token < 3).length),
        newTokens: 6,
        stop: 8,
        iterations: 4,
      })
    ).history;
};

const runs: Record<string, Run> = {
  "supervised fine-tuning": async (skipPrompts) =>
    (await trainSupervised(key(3), { ...common, skipPrompts, demonstrations: rows, validation: rows, steps: 4 }))
      .history,
  DPO: async (skipPrompts) =>
    (await trainDirect(key(4), { ...common, skipPrompts, comparisons, method: directMethods.dpo(), steps: 4 })).history,
  RLOO: policy(algorithms.rloo({ group: 4 })),
  "GRPO at another temperature": policy(algorithms.grpo({ group: 4, epochs: 2 }), 0.7),
  "PPO, whose critic skips them as well": policy(algorithms.ppo({})),
};

describe("DPO with the reference's log-probabilities known", () => {
  const known = (which: "chosen" | "rejected") =>
    completionLogProbs(
      model,
      start,
      comparisons.map((comparison) => ({ prompt: comparison.prompt, completion: comparison[which] })),
    );
  const run = async (logpRef?: Record<"chosen" | "rejected", ArrayLike<number>>) =>
    (await trainDirect(key(4), { ...common, comparisons, method: directMethods.dpo(), steps: 4, logpRef })).history;

  it("is the run that computes them, to 1e-5 of its records' size", async () => {
    const [with_, without] = [await run({ chosen: known("chosen"), rejected: known("rejected") }), await run()];
    with_.forEach((record, i) => {
      for (const metric of ["loss", "margin", "chosenLogRatio", "rejectedLogRatio"]) {
        expect(record[metric], `step ${i + 1}: ${metric}`).closeTo(without[i][metric], 1e-5);
      }
    });
  });

  it("believes them, each in its place, and refuses another number of them", async () => {
    const off = {
      chosen: known("chosen").map((logp) => logp - 1),
      rejected: known("rejected").map((logp) => logp + 2),
    };
    const [[first], [usual]] = [await run(off), await run()];
    expect(first.chosenLogRatio - usual.chosenLogRatio).closeTo(1, 1e-5);
    expect(first.rejectedLogRatio - usual.rejectedLogRatio).closeTo(-2, 1e-5);
    let message = "";
    await run({ ...off, rejected: [0] }).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.contain("logpRef.rejected");
  });
});

describe("skipping prompts", () => {
  for (const [name, run] of Object.entries(runs)) {
    it(`${name}: the records of a run without, to 1e-5 of their size`, async () => {
      const [with_, without] = [await run(true), await run(false)];
      expect(with_).lengthOf(4);
      with_.forEach((record, i) => {
        expect(Object.keys(record)).deep.equal(Object.keys(without[i]));
        for (const [metric, value] of Object.entries(record)) {
          if (metric === "seconds") continue;
          const want = without[i][metric] as number;
          expect(value, `step ${i + 1}: ${metric}`).closeTo(want, 1e-5 * (1 + Math.abs(want)));
        }
      });
    });
  }
});
