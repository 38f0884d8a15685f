import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  drawTokens,
  type GenerateOptions,
  generator,
  type Rollout,
  rolloutFunction,
  samplingLogits,
  type TransformerParams,
  tempered,
  transformer,
} from "../../lib/src/models/index.js";
import { chiSquareTail } from "../../lib/src/numerics/index.js";
import { foldIn, key, normal, normal32, randint, split, uniform32 } from "../../lib/src/random/index.js";
import { disposeTree, leaves, mapTree, normalInit, tf } from "../../lib/src/tensor/index.js";

/** A model whose choices are far from uniform and depend on everything before. */
function lively(model: ReturnType<typeof transformer>, seed: number): TransformerParams {
  const keys = split(key(seed), 100);
  let i = 0;
  return mapTree(model.init(key(seed)), (leaf, path) =>
    path.endsWith("gain") ? leaf : normalInit(keys[i++], leaf.shape, 0.5),
  );
}

const model = transformer({ vocabulary: 9, context: 16, width: 16, layers: 2, heads: 4 });
const params = lively(model, 1);
const ints = (rows: number[][]) => tf.tensor2d(rows, undefined, "int32");
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

/** Prompts of lengths 1 to 5, left-padded, and the bare rows. */
function paddedPrompts(B: number, P: number) {
  const bare = Array.from({ length: B }, (_, b) => [...randint(key(50 + b), 1 + (b % P), 0, 9)]);
  const tokens = ints(bare.map((row) => [...new Array(P - row.length).fill(0), ...row]));
  const starts = tf.tensor1d(
    bare.map((row) => P - row.length),
    "int32",
  );
  return { bare, prompts: { tokens: tokens as tf.Tensor2D, starts: starts as tf.Tensor1D } };
}

describe("models/generate", () => {
  const settings: Record<string, GenerateOptions> = {
    plain: { newTokens: 8 },
    "temperature, top-k, top-p, stop": { newTokens: 8, temperature: 0.7, topK: 6, topP: 0.9, stop: 0, pad: 1 },
    greedy: { newTokens: 8, temperature: 0, stop: 8 },
    "several stops": { newTokens: 8, stop: [7, 0, 5], pad: 2 },
  };
  for (const [name, options] of Object.entries(settings)) {
    describe(name, () => {
      const B = 17; // enough for two halves, which are not equal
      const { bare, prompts } = paddedPrompts(B, 5);
      const N = options.newTokens;
      const noise = tf.tensor2d(uniform32(key(7), B * N), [B, N]);
      const run = rolloutFunction(model, options);
      const rollout = run(params, prompts, noise);

      it("gives the log-probabilities that recomputing without a cache gives, to 1e-5", () => {
        const { perToken } = model.logProbs(params, rollout.tokens, rollout.mask, { starts: prompts.starts });
        expect(largest(rollout.logProbs.dataSync(), perToken.dataSync())).to.be.below(1e-5);
        expect(Math.min(...rollout.logProbs.dataSync())).to.be.below(-0.5);
      });

      it("captured, gives the same bits", () => {
        const fast = generator(model, options)(key(7), params, prompts);
        for (const part of Object.keys(rollout) as (keyof Rollout)[]) {
          expect([...fast[part].dataSync()], part).to.deep.equal([...rollout[part].dataSync()]);
        }
      });

      it("gives a padded prompt what the bare prompt gets", () => {
        const uniforms = noise.arraySync() as number[][];
        bare.forEach((row, b) => {
          const alone = run(params, { tokens: ints([row]) as tf.Tensor2D }, tf.tensor2d([uniforms[b]]));
          const together = (t: tf.Tensor) => [...t.slice([b, 5], [1, N]).dataSync()];
          const bareTail = (t: tf.Tensor) => [...t.slice([0, row.length], [1, N]).dataSync()];
          expect(bareTail(alone.tokens)).to.deep.equal(together(rollout.tokens));
          expect(bareTail(alone.mask)).to.deep.equal(together(rollout.mask));
          expect(largest(bareTail(alone.logProbs), together(rollout.logProbs))).to.be.below(1e-5);
        });
      });

      it("keeps prompts as they came, and ends rows at the stop token", () => {
        const tokens = rollout.tokens.arraySync() as number[][];
        const mask = rollout.mask.arraySync() as number[][];
        const prompt = prompts.tokens.arraySync() as number[][];
        const stops = [options.stop ?? []].flat();
        const met = new Set<number>();
        tokens.forEach((row, b) => {
          expect(row.slice(0, 5)).to.deep.equal(prompt[b]);
          const end = row.findIndex((token, t) => t >= 5 && stops.includes(token));
          if (end !== -1) met.add(row[end]);
          const length = end === -1 ? 5 + N : end + 1;
          expect(mask[b]).to.deep.equal(row.map((_, t) => (t >= 5 && t < length ? 1 : 0)));
          for (const token of row.slice(length)) expect(token).to.equal(options.pad ?? 0);
        });
        expect([...met].sort()).to.deep.equal([...stops].sort()); // each has ended some row
      });
    });
  }

  it("draws whole sequences with the exact probabilities (chi-square, p > 0.001)", () => {
    const small = transformer({ vocabulary: 4, context: 4, width: 8, layers: 1, heads: 2 });
    const p = lively(small, 5);
    const B = 2000;
    const prompts = { tokens: tf.fill([B, 1], 2, "int32") as tf.Tensor2D };
    for (const options of [
      { newTokens: 3 },
      { newTokens: 3, temperature: 1.5 },
      { newTokens: 3, topK: 3 },
      { newTokens: 3, temperature: 0.8, topP: 0.85 },
    ]) {
      // Every sequence and its probability, from the model's logits by plain arithmetic.
      const all = Array.from({ length: 64 }, (_, i) => [2, i >> 4, (i >> 2) & 3, i & 3]);
      const logits = small.logits(p, ints(all)).arraySync() as number[][][];
      const exact = all.map((row, i) =>
        [0, 1, 2].reduce((product, t) => product * filtered(logits[i][t], options)[row[t + 1]], 1),
      );
      expect(exact.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-5);
      const generate = generator(small, options);
      const counts = new Array<number>(64).fill(0);
      const rounds = 5;
      for (let round = 0; round < rounds; round++) {
        const rollout = generate(foldIn(key(11), round), p, prompts);
        for (const [, a, b, c] of rollout.tokens.arraySync() as number[][]) counts[16 * a + 4 * b + c]++;
        // What it says about its draws is true as well.
        const said = rollout.samplingLogProbs.sum(1).dataSync();
        (rollout.tokens.arraySync() as number[][]).slice(0, 50).forEach(([, a, b, c], i) => {
          expect(Math.exp(said[i])).to.be.closeTo(exact[16 * a + 4 * b + c], 1e-4);
        });
        disposeTree(rollout);
      }
      let statistic = 0;
      let cells = 0;
      let rest = { expected: 0, count: 0 };
      const n = B * rounds;
      exact.forEach((probability, i) => {
        if (probability === 0) expect(counts[i], `impossible sequence ${all[i]}`).to.equal(0);
        else if (n * probability < 8)
          rest = { expected: rest.expected + n * probability, count: rest.count + counts[i] };
        else {
          statistic += (counts[i] - n * probability) ** 2 / (n * probability);
          cells++;
        }
      });
      if (rest.expected > 0) {
        statistic += (rest.count - rest.expected) ** 2 / rest.expected;
        cells++;
      }
      expect(cells).to.be.greaterThan(3);
      expect(chiSquareTail(statistic, cells - 1), JSON.stringify(options)).to.be.greaterThan(0.001);
    }
  });

  it("filters logits as the definitions say", () => {
    for (let trial = 0; trial < 60; trial++) {
      const logits = normal(key(300 + trial), 9).map((z) => 2 * z);
      const options = { temperature: 0.5 + (trial % 4) / 2, topK: 1 + (trial % 9), topP: 0.05 + (trial % 7) / 7.5 };
      const got = tf.softmax(samplingLogits(tf.tensor2d([...logits], [1, 9]), options)).dataSync();
      expect(largest(got, filtered([...logits], options)), JSON.stringify(options)).to.be.below(1e-5);
    }
  });

  it("never draws what has no probability, at both ends of the unit interval", () => {
    const z = tf.tensor2d([
      [-1e9, 0, 0, -1e9],
      [-1e9, 0, 0, -1e9],
    ]);
    expect([...drawTokens(z, tf.tensor1d([0, 1 - 2 ** -24])).dataSync()]).to.deep.equal([1, 2]);
  });

  it("draws a token of the vocabulary where the total is rounded: many tokens, and the greatest uniform there is", () => {
    const z = tf.tensor2d(normal32(key(3), 200 * 2048), [200, 2048]);
    const drawn = drawTokens(z, tf.fill([200], 1 - 2 ** -24) as tf.Tensor1D).dataSync();
    expect(Math.max(...drawn)).to.be.below(2048);
    expect(Math.min(...drawn)).to.be.above(2000);
  });

  it("writes large batches over a large vocabulary, whose results a recording does not keep", () => {
    const large = transformer({ vocabulary: 2048, context: 6, width: 8, layers: 1, heads: 2 });
    const prompts = { tokens: tf.fill([64, 2], 7, "int32") as tf.Tensor2D };
    const rollout = generator(large, { newTokens: 4 })(key(4), large.init(key(5)), prompts);
    expect(Math.max(...rollout.tokens.dataSync())).to.be.below(2048);
    disposeTree([rollout, prompts]);
  });

  it("is the same for the same key, another for another, and leaves no tensors behind", () => {
    const generate = generator(model, { newTokens: 4 });
    const prompts = { tokens: ints([[1], [2], [3], [4]]) as tf.Tensor2D };
    const once = [...generate(key(1), params, prompts).tokens.dataSync()];
    expect([...generate(key(1), params, prompts).tokens.dataSync()]).to.deep.equal(once);
    expect([...generate(key(2), params, prompts).tokens.dataSync()]).to.not.deep.equal(once);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) disposeTree(generate(key(i), params, prompts));
    expect(tf.memory().numTensors).to.equal(before);
    expect(leaves(params)[0].isDisposed).to.equal(false);
  });

  it("says what is wrong", () => {
    const prompts = { tokens: ints([[1, 2]]) as tf.Tensor2D };
    expect(() => generator(model, { newTokens: 0 })).to.throw(DomainError, /newTokens/);
    expect(() => generator(model, { newTokens: 1, temperature: -1 })).to.throw(DomainError, /temperature/);
    for (const temperature of [1e-39, 1e-300, Number.MIN_VALUE, 9e-7]) {
      expect(() => generator(model, { newTokens: 1, temperature })).to.throw(
        DomainError,
        /temperature: expected 0, or at/,
      );
      expect(() => samplingLogits(tf.zeros([1, 9]), { temperature })).to.throw(DomainError, /temperature/);
      expect(() => tempered(model, temperature)).to.throw(DomainError, /temperature/);
    }
    expect(() => tempered(model, 0)).to.throw(DomainError, /left to chance/);
    for (const token of [9, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const name of ["stop", "pad"]) {
        expect(() => generator(model, { newTokens: 1, [name]: token })).to.throw(
          DomainError,
          `${name}: expected a token`,
        );
      }
      expect(() => generator(model, { newTokens: 1, stop: [0, token] })).to.throw(
        DomainError,
        "stop[1]: expected a token",
      );
    }
    expect(() => generator(model, { newTokens: 1 })(key(1), params, { tokens: ints([[1, 9]]) })).to.throw(
      DomainError,
      "token 1 of prompts.tokens: expected a token id from 0 to 8, got 9",
    );
    expect(() => generator(model, { newTokens: 1, topK: 10 })).to.throw(DomainError, /topK.*1 to 9/);
    expect(() => generator(model, { newTokens: 1, topP: 0 })).to.throw(DomainError, /topP/);
    expect(() => generator(model, { newTokens: 15 })(key(1), params, prompts)).to.throw(DomainError, /context, 16/);
    const starts = tf.tensor1d([0, 0], "int32") as tf.Tensor1D;
    expect(() => generator(model, { newTokens: 2 })(key(1), params, { ...prompts, starts })).to.throw(
      ShapeError,
      /starts/,
    );
  });
});

describe("models/tempered", () => {
  it("is, as a model, what the generator draws from at that temperature, to the least one that there is", () => {
    const { prompts } = paddedPrompts(17, 5);
    for (const temperature of [0.5, 1e-6]) {
      const rollout = generator(model, { newTokens: 8, stop: 0, temperature })(key(3), params, prompts);
      const own = tempered(model, temperature);
      const { perToken } = own.logProbs(params, rollout.tokens, rollout.mask, { starts: prompts.starts });
      const drawn = rollout.samplingLogProbs.dataSync();
      expect(drawn.every(Number.isFinite)).to.equal(true);
      // An error of 1e-6 in a logit counts 1 / temperature times.
      expect(largest(drawn, perToken.dataSync())).to.be.below(2e-5 + 2e-6 / temperature);
      const read = rollout.tokens;
      const hidden = model.hidden(params, read, { starts: prompts.starts });
      const byHead = own.head(params, hidden).dataSync();
      expect(largest(byHead, own.logits(params, read, { starts: prompts.starts }).dataSync())).to.be.below(
        1e-4 / temperature,
      );
      expect(largest(byHead, tf.div(model.head(params, hidden), temperature).dataSync())).to.be.below(
        1e-4 / temperature,
      );
    }
    expect(tempered(model, 1)).to.equal(model);
    expect(tempered(model, 0.5), "the same object again, so that its graphs are found").to.equal(tempered(model, 0.5));
  });
});

/** The distribution that is drawn from, by its definition on plain numbers. */
function filtered(logits: number[], options: { temperature?: number; topK?: number; topP?: number }): number[] {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, topK);
  const weight = (v: number) => Math.exp((logits[v] - logits[order[0]]) / temperature);
  const total = order.reduce((sum, v) => sum + weight(v), 0);
  const kept: number[] = [];
  let mass = 0;
  for (const v of order) {
    if (mass >= topP) break;
    kept.push(v);
    mass += weight(v) / total;
  }
  const keptTotal = kept.reduce((sum, v) => sum + weight(v), 0);
  return logits.map((_, v) => (kept.includes(v) ? weight(v) / keptTotal : 0));
}
