// What cannot be is refused in words before the first step, by every trainer alike: nothing is learned from it first.
import { expect } from "chai";
import { DomainError, type MetricsRecord } from "../../lib/src/core/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { rewardMargins } from "../../lib/src/rewards/rewardModel.tensor.js";
import { completionBatch, processReward } from "../../lib/src/rewards/tensor.js";
import { completionInputs, tokenScoreReward } from "../../lib/src/rewards/tokenScoreReward.tensor.js";
import { tokenInputs, transformerReward } from "../../lib/src/rewards/transformerReward.tensor.js";
import { bestOfNPoints, klRewardPath } from "../../lib/src/studies/index.js";
import { adam, disposeTree } from "../../lib/src/tensor/index.js";
import {
  algorithms,
  completionLogProbs,
  directMethods,
  groupRewards,
  languageModelEvaluation,
  sampleCompletions,
  supervisedLoss,
  trainDirect,
  trainGroupReward,
  trainLanguageModel,
  trainPolicy,
  trainProcessReward,
  trainRewardModel,
  trainSupervised,
} from "../../lib/src/train/index.js";

const small = { vocabulary: 7, context: 6, width: 8, layers: 1, heads: 2 };
const model = transformer(small);
const start = model.init(key(1));
const optimizer = adam({ rate: 1e-2 });

/** Comparisons in tokens, of what was chosen and what was rejected. */
const pairs = (...rows: [chosen: Row, rejected: Row][]) =>
  rows.map(([chosen, rejected]) => ({ prompt: [3], chosen, rejected }));
const fine = [1, 2];
type Row = readonly number[];
type Shared = { batch?: number; onRecord?: (record: MetricsRecord) => void };
const shared = { optimizer, steps: 2, label: false as const };
const tokenHead = tokenScoreReward(small);
const lastHead = transformerReward(small);
const steps = processReward(small);
const wins = [[0, 1] as const];

/** A run of each trainer on a few rows of which one is given, in its middle: not even drawn, perhaps. */
const learners: Record<string, (odd: Row, more?: Shared) => Promise<unknown>> = {
  "supervised fine-tuning": (odd, more) => {
    const demonstrations = [fine, odd, fine].map((completion) => ({ prompt: [3], completion }));
    return trainSupervised(key(2), { ...shared, ...more, model, start, demonstrations });
  },
  "its validation": (odd, more) => {
    const [demonstrations, validation] = [[fine], [odd]].map((l) => l.map((c) => ({ prompt: [3], completion: c })));
    return trainSupervised(key(2), { ...shared, ...more, model, start, demonstrations, validation });
  },
  "its prompts": (odd, more) => {
    return trainSupervised(key(2), {
      ...shared,
      ...more,
      model,
      start,
      demonstrations: [{ prompt: odd, completion: [1] }],
    });
  },
  DPO: (odd, more) => {
    const comparisons = [fine, odd, fine].map((chosen) => ({ prompt: [3], chosen, rejected: [4] }));
    return trainDirect(key(2), { ...shared, ...more, model, start, comparisons, method: directMethods.dpo() });
  },
  "SimPO, rejected": (odd, more) => {
    const comparisons = [fine, odd, fine].map((rejected) => ({ prompt: [3], chosen: [4], rejected }));
    return trainDirect(key(2), { ...shared, ...more, model, start, comparisons, method: directMethods.simpo() });
  },
  "a process reward model": (odd, more) => {
    const replies = [fine, odd].map((completion) => ({ prompt: [3], completion, labels: completion.map(() => 1) }));
    return trainProcessReward(key(2), { ...shared, ...more, model: steps, replies });
  },
  "a reward model on groups": (odd, more) => {
    const train = [fine, odd, fine].map((one) => ({ prompt: [3], completions: [one, [4]], wins }));
    return trainGroupReward(key(2), { ...shared, batch: 1, ...more, model: tokenHead, train, length: 6 });
  },
  "a reward model, last token": async (odd, more) => {
    const train = tokenInputs(pairs([fine, fine], [odd, fine]), { length: 6 });
    await trainRewardModel(key(2), { ...shared, ...more, model: lastHead, train });
  },
  "a reward model, every token": async (odd, more) => {
    const train = completionInputs(pairs([fine, fine], [odd, fine]), { length: 6 });
    await trainRewardModel(key(2), { ...shared, ...more, model: tokenHead, train });
  },
  "a policy's prompts": (odd, more) => {
    const { batch = 4, onRecord } = more ?? {};
    return trainPolicy(key(2), { ...policyOptions, batch, onRecord, prompts: (_, n) => new Array<Row>(n).fill(odd) });
  },
};
const policyOptions = {
  ...{
    model,
    start,
    optimizer,
    algorithm: algorithms.rloo({ group: 2 }),
    prompts: (_: unknown, n: number) => new Array<Row>(n).fill([3]),
  },
  ...{ reward: ({ written }: { written: readonly Row[] }) => written.map((row) => row.length), batch: 4 },
  ...{ iterations: 2, newTokens: 2, label: false as const },
};

/** The message of a refusal before the first step. */
async function refusal(run: (onRecord: () => void) => unknown): Promise<string> {
  let records = 0;
  let error: unknown;
  try {
    await run(() => void records++);
  } catch (caught) {
    error = caught;
  }
  expect(error).to.be.instanceOf(DomainError);
  expect(records, "no step was made").to.equal(0);
  return (error as Error).message;
}

describe("refused before the first step", () => {
  const none: [what: string, token: number][] = [
    ["NaN", Number.NaN],
    ["a masked label of other tools", -100],
    ["a fraction", 1.5],
    ["one beyond the vocabulary", 7],
    ["infinity", Number.POSITIVE_INFINITY],
  ];
  for (const [name, learn] of Object.entries(learners)) {
    it(`tokens that are none: ${name}`, async () => {
      for (const [what, token] of none) {
        const message = await refusal((onRecord) => learn([2, token], { onRecord }));
        expect(message, what).to.match(/token 1 of .*: expected a token id from 0 to \d+, got /);
        expect(message, what).to.contain(`got ${token}`);
      }
      expect(await refusal((onRecord) => learn([2, -100], { onRecord }))).to.contain("-100 are left out");
    });

    it(`batches of none: ${name}`, async () => {
      for (const batch of [0, -4, 2.5, Number.NaN]) {
        const message = await refusal((onRecord) => learn(fine, { batch, onRecord }));
        expect(message).to.match(/^batch: expected a whole number of at least 1, got /);
      }
    });

    it(`what can be runs: ${name}`, async () => {
      let records = 0;
      await learn(fine, { onRecord: () => void records++, batch: name === "a reward model on groups" ? 1 : 4 });
      expect(records).to.equal(2);
    });
  }

  it("a language model: tokens, windows, batches", async () => {
    const text = Int32Array.from({ length: 100 }, (_, i) => i % 7);
    const run = (more: object) =>
      refusal((onRecord) => trainLanguageModel(key(2), { ...shared, model, train: text, batch: 2, onRecord, ...more }));
    const odd = text.slice();
    odd[40] = 7;
    expect(await run({ train: odd }))
      .to.contain("token 40 of train")
      .and.contain("from 0 to 6");
    expect(await run({ validation: odd, batch: 2 })).to.contain("token 40");
    for (const name of ["batch", "length", "evaluateEvery", "evaluateBatches", "steps"]) {
      for (const count of [0, 1.5]) {
        expect(await run({ [name]: count, validation: text })).to.match(
          new RegExp(`^${name}: expected a whole number`),
        );
      }
    }
    expect(() => languageModelEvaluation(model, text, { length: 4, batch: 0 })).to.throw(DomainError, "batch");
    expect(() => languageModelEvaluation(model, text, { length: 4, most: 0 })).to.throw(DomainError, "most");
  });

  it("a reward model: patience, no pairs", async () => {
    const train = tokenInputs(pairs([fine, fine]), { length: 6 });
    const run = (more: object) =>
      refusal((onRecord) => trainRewardModel(key(2), { ...shared, model: lastHead, train, onRecord, ...more }));
    expect(await run({ patience: 0, validation: train })).to.match(/^patience: /);
    expect(await run({ evaluateEvery: 0 })).to.match(/^evaluateEvery: /);
    expect(await run({ train: tokenInputs([], { length: 6 }) })).to.match(/^train: expected at least one pair/);
    expect(await run({ validation: tokenInputs(pairs([[6, 7], fine]), { length: 6 }) })).to.contain(
      "token 1 of chosen[0]",
    );
  });

  it("a policy: temperatures, stop tokens, padding, limits", async () => {
    const run = (more: object) => refusal((onRecord) => trainPolicy(key(2), { ...policyOptions, onRecord, ...more }));
    for (const temperature of [0, 1e-39, 1e-300, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await run({ temperature })).to.match(/^temperature: /);
    }
    for (const name of ["stop", "pad"]) {
      for (const token of [7, -1, 0.5, Number.NaN])
        expect(await run({ [name]: token })).to.match(new RegExp(`^${name}: `));
    }
    for (const count of [0, 1.5]) {
      expect(await run({ iterations: count })).to.match(/^(steps|iterations): /);
      expect(await run({ newTokens: count })).to.match(/^newTokens: /);
    }
    for (const limit of [0, -1, Number.NaN]) {
      expect(await run({ algorithm: algorithms.ppo({ targetKl: limit }) })).to.match(/^targetKl: /);
    }
    for (const targetKl of [0, -1, Number.NaN]) expect(await run({ targetKl })).to.match(/^targetKl: /);
  });

  it("windows and groups of none in the pipeline's figures", () => {
    for (const window of [0, -1, 0.5]) expect(() => klRewardPath([], window)).to.throw(DomainError, "window");
    expect(() => bestOfNPoints([], 0, [1])).to.throw(DomainError, "perPrompt");
  });

  it("whatever reads rows without learning", () => {
    const row = (...completion: number[]) => [{ prompt: [3], completion }];
    expect(() => completionBatch(row(Number.NaN), 4)).to.throw(DomainError, "token 0 of completion of row 0");
    expect(() => completionBatch(row(1), 4, -1)).to.throw(DomainError, "pad");
    expect(() => completionLogProbs(model, start, row(1, 7))).to.throw(DomainError, "from 0 to 6");
    expect(() => completionLogProbs(model, start, row(1), { batch: 0 })).to.throw(DomainError, "batch");
    expect(() => supervisedLoss(model, start, [])).to.throw(DomainError, "at least one");
    expect(() =>
      rewardMargins(lastHead, lastHead.init(key(1)), tokenInputs(pairs([fine, fine]), { length: 4 }), 0),
    ).to.throw(DomainError, "batch");
    const groups = [{ prompt: [3], completions: [fine, fine], wins }];
    expect(() => groupRewards(tokenHead, tokenHead.init(key(1)), groups, { length: 4, batch: 0 })).to.throw(
      DomainError,
      "batch",
    );
    const sample = { model, params: start, prompts: [[3]], n: 1, newTokens: 2, reward: policyOptions.reward };
    for (const wrong of [
      { n: 0 },
      { batch: 0.5 },
      { stop: 7 },
      { temperature: 1e-39 },
      { prompts: [[8]] },
      { prompts: [[Number.NaN]] },
    ]) {
      expect(() => sampleCompletions(key(1), { ...sample, ...wrong })).to.throw(DomainError);
    }
  });

  after(() => disposeTree(start));
});
