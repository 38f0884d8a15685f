import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  actorCritic,
  attention,
  causalMask,
  type ScalarHeadParams,
  type ScalarModelParams,
  scalarHead,
  scalarModel,
  tempered,
  transformer,
  transformerConfig,
  transformerDropout,
} from "../../lib/src/models/index.js";
import { differenceGradient } from "../../lib/src/numerics/index.js";
import { key, randint, split } from "../../lib/src/random/index.js";
import {
  isTensor,
  leaves,
  mapTree,
  normalInit,
  type Params,
  tf,
  unflatten,
  valueAndGradients,
} from "../../lib/src/tensor/index.js";
import { type Arrays, attentionOracle, logitsOracle, logProbsOracle, toArrays } from "./oracle.js";

const options = { vocabulary: 7, context: 8, width: 8, layers: 2, heads: 2 };

const maxOf = (t: tf.Tensor) => Array.from(t.dataSync()).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Parameters with nothing at a special value: gains and biases random too, weights large enough to matter. */
function randomised<P extends Params>(params: P, seed: number, deviation = 0.4): P {
  const keys = split(key(seed), leaves(params).length);
  let i = 0;
  return mapTree(params, (leaf, path) => {
    const noise = normalInit(keys[i++], leaf.shape, deviation);
    return path.endsWith("gain") ? tf.add(noise, 1) : noise;
  });
}

const ints = (rows: number[][]) => tf.tensor2d(rows, undefined, "int32");

function closeArrays(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).to.equal(want.length);
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs(got[i] - want[i]));
  expect(worst).to.be.below(tolerance);
}

describe("models/attention", () => {
  const D = 6;
  const linear = (seed: number, to: number) => ({
    weight: normalInit(key(seed), [D, to], 0.5),
    bias: normalInit(key(seed + 1), [to], 0.5),
  });
  const params = { qkv: linear(1, 3 * D), out: linear(3, D) };
  const x = normalInit(key(5), [2, 4, D], 1) as tf.Tensor3D;
  const weights = normalInit(key(6), [2, 4, D], 1);

  it("agrees with loops in float64, value and gradient", () => {
    const starts = tf.tensor1d([0, 2], "int32");
    const visible = causalMask(4, starts);
    const run = (tree: Params) =>
      tf.sum(tf.mul(attention(tree.params as typeof params, tree.x as tf.Tensor3D, 3, visible), keepRows(weights)));
    // Rows before a start mix nothing; no one reads them.
    const seen = tf.tensor([1, 1, 1, 1, 0, 0, 1, 1], [2, 4, 1]);
    const keepRows = (t: tf.Tensor) => tf.mul(t, seen);
    const tree = { params, x };
    const { loss, gradients } = valueAndGradients(tree, run);
    const w = keepRows(weights).arraySync() as number[][][];
    const oracle = (flat: number[]) => {
      const arrays = fromFlat(tree, flat);
      return [0, 2].reduce((total, start, b) => {
        const out = attentionOracle(arrays.params, arrays.x[b], 3, start);
        return (
          total +
          out.reduce((sum, row, t) => sum + row.reduce((s, v, j) => s + (w[b][t][j] ? v * w[b][t][j] : 0), 0), 0)
        );
      }, 0);
    };
    const flat = leaves(tree).flatMap((leaf) => [...leaf.dataSync()]);
    expect(loss.dataSync()[0]).to.be.closeTo(oracle(flat), 1e-4);
    closeArrays(
      leaves(gradients).flatMap((leaf) => [...leaf.dataSync()]),
      differenceGradient(oracle, flat),
      2e-4,
    );
  });
});

describe("models/transformer", () => {
  const model = transformer(options);
  const params = randomised(model.init(key(0)), 1);
  const arrays = toArrays(params);
  const rows = Array.from({ length: 3 }, (_, b) => [...randint(key(20 + b), 6, 0, 7)]);

  it("computes GPT-2's formula: logits agree with loops in float64", () => {
    const logits = model.logits(params, ints(rows));
    expect(logits.shape).to.deep.equal([3, 6, 7]);
    closeArrays(
      logits.dataSync(),
      rows.flatMap((row) => logitsOracle(model.config, arrays, row).flat()),
      1e-4,
    );
  });

  it("has the gradient that differences of the float64 oracle give, every parameter", () => {
    const tiny = transformer({ vocabulary: 5, context: 5, width: 4, layers: 1, heads: 2 });
    const start = randomised(tiny.init(key(2)), 3);
    const tokens = [
      [1, 4, 2, 0, 3],
      [0, 0, 3, 3, 1],
    ];
    const mask = [
      [1, 0, 1, 1, 0],
      [0, 0, 0, 1, 1],
    ];
    const { loss, gradients } = valueAndGradients(start, (p) =>
      tf.sum(tiny.logProbs(p, ints(tokens), tf.tensor2d(mask), { starts: tf.tensor1d([0, 2], "int32") }).sum),
    );
    const oracle = (flat: number[]) => {
      const a = fromFlat(start, flat);
      const first = logProbsOracle(tiny.config, a, tokens[0]);
      const second = logProbsOracle(tiny.config, a, tokens[1], 2);
      return first[2] + first[3] + second[3] + second[4];
    };
    const flat = leaves(start).flatMap((leaf) => [...leaf.dataSync()]);
    expect(loss.dataSync()[0]).to.be.closeTo(oracle(flat), 1e-4);
    closeArrays(
      leaves(gradients).flatMap((leaf) => [...leaf.dataSync()]),
      differenceGradient(oracle, flat),
      5e-4,
    );
  });

  it("never looks ahead: later tokens do not change earlier logits, not by one bit", () => {
    const before = model.logits(params, ints(rows)).slice([0, 0, 0], [3, 4, 7]).dataSync();
    const changed = rows.map((row) => row.map((token, t) => (t < 4 ? token : (token + 1 + t) % 7)));
    const after = model.logits(params, ints(changed)).slice([0, 0, 0], [3, 4, 7]).dataSync();
    expect([...after]).to.deep.equal([...before]);
  });

  it("gives a left-padded row what the bare row gets, whatever the padding is", () => {
    const bare = model.logits(params, ints([rows[0]])).dataSync();
    for (const pad of [0, 5]) {
      const padded = model.logits(params, ints([[pad, pad, ...rows[0]]]), { starts: tf.tensor1d([2], "int32") });
      closeArrays(padded.slice([0, 2, 0], [1, 6, 7]).dataSync(), bare, 1e-5);
    }
  });

  it("gives log-probabilities of the tokens, nothing where the mask is 0 and in column 0", () => {
    const { perToken, sum } = model.logProbs(params, ints(rows));
    closeArrays(
      perToken.dataSync(),
      rows.flatMap((row) => logProbsOracle(model.config, arrays, row)),
      1e-4,
    );
    closeArrays(
      sum.dataSync(),
      rows.map((row) => logProbsOracle(model.config, arrays, row).reduce((a, b) => a + b)),
      1e-4,
    );
    const mask = [1, 0, 1, 0, 0, 1];
    const masked = model.logProbs(params, ints(rows), tf.tensor2d([mask, mask, mask]));
    const want = [...perToken.dataSync()].map((value, i) => (i % 6 === 0 ? 0 : value * mask[i % 6]));
    expect([...masked.perToken.dataSync()].map((v) => v + 0)).to.deep.equal(want.map((v) => v + 0));
    closeArrays(
      masked.sum.dataSync(),
      [0, 1, 2].map((b) => want.slice(6 * b, 6 * b + 6).reduce((a, c) => a + c)),
      1e-5,
    );
  });

  it("is a distribution: the probabilities of every continuation add up to 1", () => {
    const continuations = Array.from({ length: 49 }, (_, i) => [3, Math.floor(i / 7), i % 7]);
    const { sum } = model.logProbs(params, ints(continuations));
    expect(sum.exp().sum().dataSync()[0]).to.be.closeTo(1, 1e-5);
  });

  it("applies the dropout masks it is given, in the three places of GPT-2", () => {
    const dropping = transformer({ ...options, dropout: 0.5 });
    const masks = transformerDropout(key(9), dropping.config, 3, 6);
    const got = dropping.logits(params, ints(rows), { dropout: masks });
    const maskArrays = toArrays(masks);
    const want = rows.flatMap((row, b) => logitsOracle(model.config, arrays, row, 0, maskArrays, b).flat());
    closeArrays(got.dataSync(), want, 2e-4);
    const values = new Set(leaves(masks).flatMap((leaf) => [...leaf.dataSync()]));
    expect([...values].sort()).to.deep.equal([0, 2]);
  });

  it("computes 16 rows and more in halves, and each row as when it is alone", () => {
    const tokens = tf.tensor(randint(key(21), 17 * 6, 0, 7), [17, 6], "int32");
    const mask = tf.tensor(Float32Array.from(randint(key(22), 17 * 6, 0, 2)), [17, 6]);
    const starts = tf.tensor(randint(key(23), 17, 0, 3), [17], "int32");
    const dropout = transformerDropout(key(24), { ...model.config, dropout: 0.3 }, 17, 6);
    const row = (t: tf.Tensor, b: number) => tf.gather(t, tf.tensor1d([b], "int32"));
    const logits = model.logits(params, tokens, { starts, dropout });
    const hidden = model.hidden(params, tokens);
    const { sum, perToken } = model.logProbs(params, tokens, mask);
    for (const b of [0, 7, 8, 16]) {
      const alone = { starts: row(starts, b), dropout: mapTree(dropout, (leaf) => row(leaf, b)) };
      const same = (all: tf.Tensor, one: tf.Tensor) => closeArrays(row(all, b).dataSync(), one.dataSync(), 1e-5);
      same(logits, model.logits(params, row(tokens, b), alone));
      same(hidden, model.hidden(params, row(tokens, b)));
      const single = model.logProbs(params, row(tokens, b), row(mask, b));
      same(sum, single.sum);
      same(perToken, single.perToken);
    }
    expect(() => model.logProbs(params, tokens, mask.slice([0, 0], [16, 6]))).throw(ShapeError, "mask");
    expect(() => model.logits(params, tokens, { starts: starts.slice([0], [4]) })).throw(ShapeError, "starts");
  });

  it("from a column on: what all columns give, and the gradients of that, to 1e-5; with padding, dropout, halves", () => {
    for (const B of [3, 20]) {
      tf.tidy(() => {
        const tokens = tf.tensor(randint(key(31), B * 6, 0, 7), [B, 6], "int32");
        const starts = tf.tensor(randint(key(32), B, 0, 3), [B], "int32");
        const dropout = transformerDropout(key(33), { ...model.config, dropout: 0.3 }, B, 6);
        const mask = tf.tensor(
          Float32Array.from({ length: B * 6 }, (_, i) => (i % 6 >= 4 ? 1 : 0)),
          [B, 6],
        );
        for (const from of [0, 1, 4, 5]) {
          for (const own of [{}, { starts, dropout }]) {
            for (const read of [model.hidden, model.logits]) {
              const all = read(params, tokens, own);
              const later = read(params, tokens, { ...own, from });
              expect(later.shape).deep.equal([B, 6 - from, all.shape[2]]);
              closeArrays(later.dataSync(), all.slice([0, from, 0]).dataSync(), 1e-5);
            }
          }
        }
        const sums = (from?: number) =>
          valueAndGradients(params, (p) => {
            const { perToken, sum } = model.logProbs(p, tokens, mask, { starts, from });
            return { loss: tf.sum(tf.mul(sum, tf.range(0, 1, 1 / B))) as tf.Scalar, perToken };
          });
        const want = sums();
        for (const from of [0, 1, 4]) {
          const got = sums(from);
          closeArrays(got.metrics.perToken.dataSync(), want.metrics.perToken.dataSync(), 1e-5);
          const [a, b] = [leaves(got.gradients), leaves(want.gradients)];
          a.forEach((leaf, i) => void closeArrays(leaf.dataSync(), b[i].dataSync(), 1e-5 * (1 + maxOf(b[i]))));
        }
        const cold = tempered(model, 0.5);
        const perToken = (from: number) => cold.logProbs(params, tokens, mask, { from }).perToken.dataSync();
        closeArrays(perToken(4), perToken(0), 1e-5);
        for (const from of [-1, 6, 0.5])
          expect(() => model.logits(params, tokens, { from })).throw(DomainError, "from");
      });
    }
  });

  it("draws the same parameters from the same key, with GPT-2's deviations", () => {
    const big = transformer({ vocabulary: 50, context: 40, width: 64, layers: 2, heads: 4 });
    const a = big.init(key(1));
    const b = big.init(key(1));
    const c = big.init(key(2));
    const values = (p: Params) => leaves(p).flatMap((leaf) => [...leaf.dataSync()]);
    expect(values(a)).to.deep.equal(values(b));
    expect(values(a)).to.not.deep.equal(values(c));
    const spread = (t: tf.Tensor) => Math.sqrt([...t.dataSync()].reduce((sum, v) => sum + v * v, 0) / t.size);
    expect(spread(a.blocks[0].mlp.up.weight)).to.be.closeTo(0.02, 0.0005);
    expect(spread(a.blocks[1].mlp.down.weight)).to.be.closeTo(0.01, 0.0003);
    expect(spread(a.tokens)).to.be.closeTo(0.02, 0.001);
  });

  it("leaves no tensors behind", () => {
    const tokens = ints(rows);
    const before = tf.memory().numTensors;
    model.logits(params, tokens).dispose();
    const { perToken, sum } = model.logProbs(params, tokens);
    perToken.dispose();
    sum.dispose();
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("says what is wrong", () => {
    expect(() => transformerConfig({ ...options, heads: 3 })).to.throw(DomainError, /config\.width.*multiple of heads/);
    expect(() => transformerConfig({ ...options, layers: 0 })).to.throw(DomainError, /config\.layers/);
    expect(() => transformerConfig({ ...options, dropout: 1 })).to.throw(DomainError, /dropout/);
    expect(() => model.logits(params, ints([[1, 2, 3, 4, 5, 6, 0, 1, 2]]))).to.throw(DomainError, /at most 8 columns/);
    expect(() => model.logits(params, tf.tensor2d([[1, 2]]))).to.throw(DomainError, /int32/);
    expect(() => model.logits(params, tf.tensor1d([1, 2], "int32"))).to.throw(ShapeError, /tokens/);
    expect(() => model.logProbs(params, ints(rows), tf.ones([3, 5]))).to.throw(ShapeError, /mask/);
    expect(() => model.logProbs(params, ints([[1], [2]]))).to.throw(ShapeError, /two columns/);
  });
});

describe("models/heads", () => {
  const tokens = ints([
    [1, 2, 3, 4],
    [4, 3, 2, 1],
  ]);

  it("reads one number after every token, or at each row's end", () => {
    const model = scalarModel(options);
    const params = model.init(key(1));
    const values = model.values(params, tokens);
    expect(values.shape).to.deep.equal([2, 4]);
    const hidden = model.backbone.hidden(params.body, tokens).arraySync() as number[][][];
    const weight = params.head.weight.dataSync();
    const want = hidden.flatMap((row) => row.map((h) => h.reduce((sum, v, i) => sum + v * weight[i], 0)));
    closeArrays(values.dataSync(), want, 1e-5);
    const rewards = model.rewards(params, tokens, tf.tensor1d([3, 1], "int32"));
    closeArrays(rewards.dataSync(), [want[3], want[5]], 1e-5);
  });

  it("a reward at an end does not change with what stands behind it", () => {
    const model = scalarModel(options);
    const params = randomised(model.init(key(1)), 5);
    const ends = tf.tensor1d([1], "int32");
    const a = model.rewards(params, ints([[1, 2, 0, 0]]), ends).dataSync()[0];
    const b = model.rewards(params, ints([[1, 2, 5, 6]]), ends).dataSync()[0];
    expect(a).to.equal(b);
  });

  it("a shared critic moves the policy's body, a separate one does not", () => {
    for (const shared of [true, false]) {
      const model = actorCritic(options, { shared });
      const params = model.init(key(3));
      const { gradients } = valueAndGradients(params, (p) => tf.mean(tf.square(model.forward(p, tokens).values)));
      const moved = leaves(gradients.policy).some((leaf) => leaf.dataSync().some((g) => g !== 0));
      expect(moved, `shared: ${shared}`).to.equal(shared);
      const { logits, values } = model.forward(params, tokens);
      const { body, head } = shared
        ? { body: params.policy, head: params.critic as ScalarHeadParams }
        : (params.critic as ScalarModelParams);
      closeArrays(values.dataSync(), scalarHead(head, model.policy.hidden(body, tokens)).dataSync(), 1e-6);
      closeArrays(logits.dataSync(), model.policy.logits(params.policy, tokens).dataSync(), 1e-6);
    }
  });

  it("a separate critic starts from the trained policy, as a copy", () => {
    const model = actorCritic(options, { shared: false });
    const policy = model.policy.init(key(8));
    const params = model.init(key(9), policy);
    const critic = params.critic as { body: typeof policy };
    expect([...critic.body.tokens.dataSync()]).to.deep.equal([...policy.tokens.dataSync()]);
    expect(critic.body.tokens).to.not.equal(policy.tokens);
  });
});

/** A flat vector of numbers as nested arrays in the form of a tree of tensors: float64, where a tensor would round. */
function fromFlat(tree: Params, flat: number[]): Arrays {
  let next = 0;
  const shaped = (shape: number[]): Arrays =>
    shape.length === 0 ? flat[next++] : Array.from({ length: shape[0] }, () => shaped(shape.slice(1)));
  const list = leaves(tree).map((leaf) => ({
    dataId: {},
    shape: leaf.shape,
    dtype: "float32",
    values: shaped(leaf.shape),
  }));
  const strip = (node: Arrays): Arrays =>
    isTensor(node)
      ? (node as unknown as { values: Arrays }).values
      : Object.fromEntries(Object.entries(node).map(([name, child]) => [name, strip(child)]));
  return strip(unflatten(tree, list as unknown as tf.Tensor[]));
}
