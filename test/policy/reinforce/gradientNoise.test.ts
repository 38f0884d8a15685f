import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { transformer } from "../../../lib/src/models/index.js";
import { reinforce } from "../../../lib/src/policy/index.js";
import { transformerMoments, transformerNoise, transformerScores } from "../../../lib/src/policy/tensor.js";
import { foldIn, key, normal } from "../../../lib/src/random/index.js";
import { backend, leaves, tf } from "../../../lib/src/tensor/index.js";
import { sequenceIndex, sequenceRows } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";
import { close } from "../../preferences/close.js";

const square = (g: ArrayLike<number>) => Array.from(g).reduce((sum, x) => sum + x * x, 0);

describe("policy/reinforce, gradient noise", () => {
  it("gradientSpread: by hand", () => {
    const { mean, totalVariance, squaredNorm } = reinforce.gradientSpread([
      [1, 0],
      [3, 2],
    ]);
    expect([...mean]).to.deep.equal([2, 1]);
    expect(totalVariance).to.equal(4); // 2 + 2
    expect(squaredNorm).to.equal(5 - 2);
  });

  it("simpleNoiseScale turns exact squared lengths into the exact answer", () => {
    const [signal, noise] = [0.3, 40];
    const at = (batch: number) => ({ batch, squaredNorm: signal + noise / batch });
    const { noiseScale, totalVariance, squaredNorm } = reinforce.simpleNoiseScale(at(8), at(512));
    expect(totalVariance).to.be.closeTo(noise, 1e-9);
    expect(squaredNorm).to.be.closeTo(signal, 1e-12);
    expect(noiseScale).to.be.closeTo(noise / signal, 1e-7);
  });

  it("estimates are unbiased: from normal noise of known size, within 4 standard errors", () => {
    const D = 20;
    const truth = normal(key(1), D);
    const runs = Array.from({ length: 500 }, (_, r) => {
      const noise = normal(foldIn(key(2), r), 5 * D);
      const gradients = Array.from({ length: 5 }, (_, i) => truth.map((g, d) => g + 3 * noise[i * D + d]));
      return reinforce.gradientSpread(gradients);
    });
    for (const [of, want] of [
      [(s: (typeof runs)[0]) => s.totalVariance, 9 * D],
      [(s: (typeof runs)[0]) => s.squaredNorm, square(truth)],
    ] as const) {
      const values = runs.map(of);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const error = Math.sqrt(
        values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1) / values.length,
      );
      expect(Math.abs(mean - want)).to.be.below(4 * error);
    }
  });

  it("logLogSlope: powers", () => {
    const x = [1, 2, 4, 8];
    expect(reinforce.logLogSlope(x, x.map((b) => 7 / b))).to.be.closeTo(-1, 1e-12); // biome-ignore format: one line
    expect(reinforce.logLogSlope(x, x.map((b) => b * b))).to.be.closeTo(2, 1e-12); // biome-ignore format: one line
  });

  it("says what is wrong", () => {
    expect(() => reinforce.gradientSpread([[1]])).to.throw(DomainError, /two/);
    expect(() => reinforce.gradientSpread([[1], [1, 2]])).to.throw(ShapeError, /gradients\[1\]/);
    expect(() => reinforce.gradientSpread([[1], [Number.NaN]])).to.throw(DomainError, /finite/);
    const at = (batch: number, squaredNorm: number) => ({ batch, squaredNorm });
    expect(() => reinforce.simpleNoiseScale(at(8, 1), at(8, 1))).to.throw(DomainError, /batches/);
    expect(() => reinforce.simpleNoiseScale(at(1, 90), at(2, 1))).to.throw(DomainError, /drowns/);
    expect(() => reinforce.logLogSlope([1, 1], [2, 2])).to.throw(DomainError, /different/);
    expect(() => reinforce.logLogSlope([1], [2, 2])).to.throw(ShapeError);
    expect(() => reinforce.logLogSlope([1, 2], [0, 2])).to.throw(DomainError, /positive/);
  });
});

describe("policy/reinforce, noise of a transformer's gradient", () => {
  before(function () {
    if (backend().name !== "native") this.skip();
  });

  it("measured on fresh replies agrees with all replies enumerated", () => {
    const task = phraseTask({ length: 2 });
    const model = transformer({ vocabulary: 7, context: 3, width: 8, layers: 1, heads: 2, deviation: 0.3 });
    const params = model.init(key(1));
    const rows = sequenceRows(task.tree, [task.prompts[0]]);
    const scores = transformerScores(model, params, rows);
    // log-probabilities by the definition of the score: E[score] = 0 holds only with the right ones.
    const D = leaves(params).reduce((sum, leaf) => sum + leaf.size, 0);
    expect(scores[0]).to.have.length(D);
    const logp = logProbsOf();
    const weight = Array.from(logp, Math.exp);
    expect(weight.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-5);
    const meanScore = new Float64Array(D);
    const by = new Float64Array(D);
    const value = weight.reduce((sum, w, n) => sum + w * task.utility[0][n], 0);
    scores.forEach((score, n) => {
      score.forEach((x, d) => {
        meanScore[d] += weight[n] * x;
        by[d] += weight[n] * task.utility[0][n] * x;
      });
    });
    expect(Math.sqrt(square(meanScore))).to.be.below(1e-4);
    const moments = transformerMoments(model, params, rows, task.utility[0]);
    const exact = { ...moments, totalVariance: moments.totalVariance(value) };
    expect(exact.value).to.be.closeTo(value, 1e-6);
    close(exact.gradient, by, 1e-4);
    const second = scores.reduce((sum, s, n) => sum + weight[n] * (task.utility[0][n] - value) ** 2 * square(s), 0);
    expect(exact.totalVariance).to.be.closeTo(second - square(by), 1e-3 * second);
    expect(moments.totalVariance(value + 3)).to.be.above(moments.totalVariance(value) + 1);

    const options = {
      newTokens: 2,
      stop: 0,
      prompts: [[task.prompts[0]]],
      reward: (reply: number[]) => task.utility[0][sequenceIndex(task.tree, reply)],
      batches: [4, 64, 12],
      repeats: 60,
      baseline: value,
    };
    const [small, big] = transformerNoise(key(3), model, params, options);
    // The relative error of a variance from 60 batches is about sqrt(2 / 60) = 0.18, less in many
    // dimensions: three of them.
    expect(small.totalVariance / (exact.totalVariance / 4)).to.be.within(0.5, 1.6);
    expect(big.totalVariance / (exact.totalVariance / 64)).to.be.within(0.5, 1.6);
    expect(big.squaredNorm / exact.squaredNorm).to.be.within(0.7, 1.3);
    const noise = reinforce.simpleNoiseScale(
      { batch: 4, squaredNorm: small.meanSquaredNorm },
      { batch: 64, squaredNorm: big.meanSquaredNorm },
    );
    expect(noise.noiseScale / (exact.totalVariance / exact.squaredNorm)).to.be.within(0.5, 2);

    // Its own mean as baseline shrinks the mean by 1 - 1/B; leave one out does not.
    const of = (baseline: "batch mean" | "leave one out") => {
      const [two] = transformerNoise(key(4), model, params, {
        ...options,
        batches: [2],
        repeats: 12,
        baseline,
      });
      return two.mean;
    };
    const [batch, loo] = [of("batch mean"), of("leave one out")];
    close(
      batch,
      loo.map((g) => g / 2),
      1e-5,
    );

    expect(() => transformerNoise(key(3), model, params, { ...options, batches: [4, 6] })).to.throw(
      DomainError,
      /multiples/,
    );
    expect(() => transformerNoise(key(3), model, params, { ...options, repeats: 1 })).to.throw(DomainError, /repeats/);
    expect(() => transformerNoise(key(3), model, params, { ...options, prompts: [] })).to.throw(ShapeError, /prompts/);
    const lost = { ...options, reward: () => Number.NaN };
    expect(() => transformerNoise(key(3), model, params, lost)).to.throw(DomainError, /reward/);
    const alone = { ...options, batches: [1], baseline: "leave one out" as const };
    expect(() => transformerNoise(key(3), model, params, alone)).to.throw(DomainError, /two replies/);
    expect(() => transformerScores(model, params, { ...rows, rows: 3 })).to.throw(ShapeError, /rows/);
    expect(() => transformerMoments(model, params, rows, [1])).to.throw(ShapeError, /reward/);
    const some = { tokens: rows.tokens.slice(0, 6), mask: rows.mask.slice(0, 6), rows: 2, width: 3 };
    expect(() => transformerMoments(model, params, some, [1, 2])).to.throw(DomainError, /probability/);

    function logProbsOf(): Float32Array {
      const { tokens, mask, width } = rows;
      return model
        .logProbs(params, tf.tensor2d(tokens, [rows.rows, width], "int32"), tf.tensor2d(mask, [rows.rows, width]))
        .sum.dataSync() as Float32Array;
    }
  });
});
