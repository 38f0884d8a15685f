import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  DivergenceError,
  DomainError,
  InterruptError,
  type MetricsRecord,
  setNotebookHost,
} from "../../lib/src/core/index.js";
import { everyWindow, unigramEntropy } from "../../lib/src/data/index.js";
import { type TransformerParams, transformer } from "../../lib/src/models/index.js";
import { liveLossFigure, lossFigure } from "../../lib/src/notebook/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import {
  adam,
  loadCheckpoint,
  namedLeaves,
  sgd,
  type Tree,
  tf,
  valueAndGradients,
} from "../../lib/src/tensor/index.js";
import { languageModelEvaluation, languageModelLoss, train, trainLanguageModel } from "../../lib/src/train/index.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);

describe("train", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-train-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const model = transformer({ vocabulary: 5, context: 8, width: 8, layers: 1, heads: 2, dropout: 0.1 });
  // Each token is the one before plus one, except that a coin now and then restarts the count:
  // easy to learn, not trivial.
  const jumps = randint(key(3), 4000, 0, 10);
  const text = new Int32Array(4000);
  for (let i = 1; i < text.length; i++) text[i] = jumps[i] === 0 ? 0 : (text[i - 1] + 1) % 5;
  const options = (steps: number) => ({
    model,
    optimizer: adam({ rate: 1e-2, maxNorm: 1 }),
    train: text.subarray(0, 3000),
    validation: text.subarray(3000),
    batch: 8,
    steps,
    evaluateEvery: 10,
    evaluateBatches: 3,
    label: false as const,
  });

  it("learns: validation loss falls well below that of frequencies alone", async () => {
    const { history } = await trainLanguageModel(key(1), options(150));
    expect(history).to.have.length(150);
    expect(history.map(({ step }) => step)).to.deep.equal(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(history[0].loss).to.be.closeTo(Math.log(5), 0.1);
    expect(history[149].validationLoss).to.be.below(0.5 * unigramEntropy(text));
    expect(history.filter((record) => "validationLoss" in record)).to.have.length(15);
  });

  it("goes on from a checkpoint to the same numbers, bit for bit", async () => {
    const straight = await trainLanguageModel(key(1), { ...options(30), folder, checkpointEvery: 10 });
    const other = join(folder, "other");
    await trainLanguageModel(key(1), { ...options(20), folder: other, checkpointEvery: 10 });
    const resumed = await trainLanguageModel(key(1), { ...options(30), folder: other, resume: true });
    expect(bits(resumed.state)).to.deep.equal(bits(straight.state));
    expect(numbers(resumed.history)).to.deep.equal(numbers(straight.history));
    const lines = readFileSync(join(other, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).step)).to.deep.equal(Array.from({ length: 30 }, (_, i) => i + 1));
    // A finished run has nothing left to do, and says the same again.
    const again = await trainLanguageModel(key(1), { ...options(30), folder: other, resume: true });
    expect(bits(again.state)).to.deep.equal(bits(straight.state));
  });

  it("a second run does not cost the first: the folder is refused, its files stay, and resume: true gives it back", async () => {
    const first = await trainLanguageModel(key(1), { ...options(20), folder, checkpointEvery: 10 });
    const files = () =>
      ["checkpoint.safetensors", "metrics.jsonl"].map((name) => readFileSync(join(folder, name), "hex"));
    const before = files();
    const refusal = async (more: object) => {
      let steps = 0;
      const onRecord = () => void steps++;
      const error = await trainLanguageModel(key(1), { ...options(20), folder, onRecord, ...more }).catch((e) => e);
      expect(error).to.be.instanceOf(DomainError);
      expect(steps, "no step was made").to.equal(0);
      expect(files()).to.deep.equal(before);
      return (error as Error).message;
    };
    for (const more of [{}, { resume: false }, { steps: 1 }]) {
      expect(await refusal(more))
        .to.include("step 20")
        .and.include("resume: true")
        .and.include(folder);
    }
    const again = await trainLanguageModel(key(1), { ...options(20), folder, resume: true });
    expect(bits(again.state)).to.deep.equal(bits(first.state));
    writeFileSync(join(folder, "checkpoint.safetensors"), "damaged");
    before[0] = files()[0];
    expect(await refusal({})).to.include("cannot be read");
  });

  it("refuses a folder that is a file, and numbers of steps that cannot be, before anything is written", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const [wrong, name] of [
      [{ folder: file }, "folder"],
      [{ folder: join(file, "below") }, "folder"],
      [{ steps: 0 }, "steps"],
      [{ steps: 2.5 }, "steps"],
      [{ steps: Number.NaN }, "steps"],
      [{ checkpointEvery: 0 }, "checkpointEvery"],
      [{ evaluateEvery: -1 }, "evaluateEvery"],
    ] as const) {
      const where = join(folder, "new");
      const error = await trainLanguageModel(key(1), { ...options(3), folder: where, ...wrong }).catch((e) => e);
      expect(error, name).to.be.instanceOf(DomainError);
      expect((error as Error).message.startsWith(`${name}: expected`), (error as Error).message).to.equal(true);
      expect(existsSync(where)).to.equal(false);
    }
  });

  it("forgets records that a killed process wrote after its last checkpoint, a torn line included", async () => {
    const straight = await trainLanguageModel(key(1), { ...options(9), folder });
    const file = join(folder, "metrics.jsonl");
    appendFileSync(file, `${JSON.stringify({ step: 10, seconds: 1, loss: 99 })}\n{"step":11,"seco`);
    const resumed = await trainLanguageModel(key(1), { ...options(12), folder, resume: true });
    expect(resumed.history.map(({ step }) => step)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(resumed.history[9].loss).to.be.below(5);
    expect(numbers(resumed.history.slice(0, 9))).to.deep.equal(numbers(straight.history));
  });

  it("refuses to go on with another key", async () => {
    await trainLanguageModel(key(1), { ...options(3), folder });
    let error: unknown;
    await trainLanguageModel(key(2), { ...options(6), folder, resume: true }).catch((e) => {
      error = e;
    });
    expect(error).to.be.instanceOf(DomainError).with.property("message").that.matches(/key/);
  });

  it("stops at a NaN, names the step, and leaves the last good checkpoint as it was", async () => {
    // Descent on x^4 with a rate that is too large: x grows without bound, for real.
    const optimizer = sgd({ rate: 0.3 });
    const params = { x: tf.scalar(3) };
    const state = { params, optimizer: optimizer.init(params) };
    let error: unknown;
    const records: MetricsRecord[] = [];
    await train({
      key: key(0),
      state,
      steps: 50,
      folder,
      checkpointEvery: 1,
      label: false,
      onRecord: (record) => records.push(record),
      batch: () => ({ one: tf.scalar(1) }),
      step: (state, { one }) => {
        const { loss, gradients } = valueAndGradients(state.params, (p) => tf.mul(one, tf.pow(p.x, 4)));
        const next = optimizer.update(gradients, state.optimizer, state.params);
        return { state: { params: next.params as typeof params, optimizer: next.state }, metrics: { loss } };
      },
    }).catch((e) => {
      error = e;
    });
    expect(error).to.be.instanceOf(DivergenceError);
    const { message } = error as Error;
    const step = records.length + 1;
    expect(message).to.include(`step ${step}`).and.match(/loss/).and.include("last good checkpoint is intact");
    const loaded = loadCheckpoint(join(folder, "checkpoint.safetensors"), state);
    expect(loaded.step).to.be.within(1, records.length);
    expect(Number.isFinite(loaded.trees.params.x.dataSync()[0])).to.equal(true);
  });

  it("does not let a NaN that no metric shows replace a good checkpoint", async () => {
    let error: unknown;
    const state = { params: { x: tf.scalar(1) } };
    await train({
      key: key(0),
      state,
      steps: 4,
      folder,
      checkpointEvery: 1,
      label: false,
      batch: (_, step) => ({ factor: tf.scalar(step === 2 ? Number.NaN : 2) }),
      step: ({ params }, { factor }) => ({
        state: { params: { x: tf.mul(params.x, factor) as tf.Scalar } },
        metrics: { loss: tf.scalar(1) },
      }),
    }).catch((e) => {
      error = e;
    });
    expect(error)
      .to.be.instanceOf(DivergenceError)
      .with.property("message")
      .that.matches(/params\.x.*step 3/);
    const loaded = loadCheckpoint(join(folder, "checkpoint.safetensors"), state);
    expect([loaded.step, loaded.trees.params.x.dataSync()[0]]).to.deep.equal([2, 4]);
  });

  it("stops for good on an interrupt, with a checkpoint to go on from", async () => {
    const controller = new AbortController();
    const restore = setNotebookHost({ display: () => {}, interrupt: controller.signal, prompt: async () => "" });
    let error: unknown;
    let last = 0;
    try {
      await trainLanguageModel(key(1), {
        ...options(10_000),
        folder,
        onRecord: ({ step }) => {
          last = step;
          if (step === 7) controller.abort();
        },
      }).catch((e) => {
        error = e;
      });
    } finally {
      restore();
    }
    expect(error).to.be.instanceOf(InterruptError);
    expect((error as Error).message)
      .to.include("step 7")
      .and.include(folder);
    expect(last).to.equal(7);
    const resumed = await trainLanguageModel(key(1), { ...options(12), folder, resume: true });
    const straight = await trainLanguageModel(key(1), options(12));
    expect(bits(resumed.state)).to.deep.equal(bits(straight.state));
  });

  it("gets interrupted while it runs, by an event that arrives from outside", async () => {
    const controller = new AbortController();
    const restore = setNotebookHost({ display: () => {}, interrupt: controller.signal, prompt: async () => "" });
    const timer = setTimeout(() => controller.abort(), 50);
    let error: unknown;
    try {
      await trainLanguageModel(key(1), options(1_000_000)).catch((e) => {
        error = e;
      });
    } finally {
      clearTimeout(timer);
      restore();
    }
    expect(error).to.be.instanceOf(InterruptError);
  });

  it("keeps memory flat", async () => {
    const counts: number[] = [];
    await trainLanguageModel(key(1), { ...options(60), onRecord: () => counts.push(tf.memory().numTensors) });
    expect(new Set(counts.slice(10, 60)).size).to.equal(1);
  });

  it("evaluates the mean over the whole text, each token once", () => {
    const plain = transformer({ vocabulary: 5, context: 8, width: 8, layers: 1, heads: 2, deviation: 0.5 });
    const params: TransformerParams = plain.init(key(5));
    const tokens = text.subarray(0, 8 * 12 + 1);
    const windows = everyWindow(tokens, 9);
    const whole = languageModelLoss(plain, params, { tokens: tf.tensor2d(windows, [12, 9], "int32") }).dataSync()[0];
    const measured = languageModelEvaluation(plain, tokens, { length: 8, batch: 4 })(params);
    expect(measured).to.be.closeTo(whole, 1e-5);
    expect(() => languageModelEvaluation(plain, tokens, { length: 8, batch: 40 })).to.throw(DomainError, /at least 40/);
  });

  it("draws itself live in a notebook: one figure, redrawn in place", async () => {
    const shown: { update: boolean; points: number }[] = [];
    const host = {
      display(bundle: Record<string, unknown>, how?: { update?: boolean }) {
        const figure = bundle["application/vnd.plotly.v1+json"] as { data: { x: number[] }[] } | undefined;
        if (figure) shown.push({ update: how?.update === true, points: figure.data[0].x.at(-1) as number });
      },
      interrupt: new AbortController().signal,
      prompt: async () => "",
    };
    const restore = setNotebookHost(host);
    try {
      await trainLanguageModel(key(1), {
        ...options(12),
        onRecord: liveLossFigure({ every: 0, reference: { unigram: 1.6 } }),
      });
    } finally {
      restore();
    }
    expect(shown.map(({ points }) => points)).to.deep.equal(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(shown.map(({ update }) => update)).to.deep.equal([false, ...new Array(11).fill(true)]);
  });

  it("draws its history as a plotly figure", () => {
    const history = Array.from({ length: 400 }, (_, i) => ({
      step: i + 1,
      seconds: i,
      loss: 3 - i / 200,
      ...(i % 100 === 99 ? { validationLoss: 3.1 - i / 200 } : {}),
    }));
    const figure = lossFigure(history, { window: 1, reference: { unigram: 3 } });
    const [training, validation] = figure.data as { x: number[]; y: number[]; name: string }[];
    expect(training.x.at(-1)).to.equal(400);
    expect(training.y.at(-1)).to.be.closeTo(history[399].loss, 1e-12);
    expect(validation.x).to.deep.equal([100, 200, 300, 400]);
  });
});
