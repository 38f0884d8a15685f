import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, normal, randint, split } from "../../lib/src/random/index.js";
import { pairwiseLoss } from "../../lib/src/rewards/pairwiseLoss.tensor.js";
import { tokenScoreReward } from "../../lib/src/rewards/tokenScoreReward.tensor.js";
import { adam, capture, tf, valueAndGradients } from "../../lib/src/tensor/index.js";
import {
  type ComparisonGroup,
  groupBatch,
  groupPairwiseLoss,
  groupRewards,
  trainGroupReward,
} from "../../lib/src/train/index.js";

describe("groupPairwiseLoss", () => {
  const rewards = tf.tensor2d(Float32Array.from(normal(key(1), 6)), [2, 3]);
  const groups: ComparisonGroup[] = [
    {
      prompt: [1],
      completions: [[2], [3], [4]],
      wins: [
        [0, 1],
        [2, 0],
        [2, 1],
      ],
    },
    {
      prompt: [1],
      completions: [[2], [3], [4]],
      wins: [
        [1, 0],
        [1, 2],
        [0, 2],
        [1, 2],
      ],
    },
  ];
  const { wins } = groupBatch(groups, 2);

  it("is the pairwise loss of all its comparisons, value and gradient", () => {
    const places = groups.flatMap(({ wins: own }, b) => own.map(([i, j]) => [3 * b + i, 3 * b + j]));
    const flat = (p: { r: tf.Tensor }) => {
      const all = p.r.reshape([6]) as tf.Tensor1D;
      const at = (which: 0 | 1) =>
        tf.gather(
          all,
          tf.tensor1d(
            places.map((pair) => pair[which]),
            "int32",
          ),
        );
      return pairwiseLoss(at(0), at(1));
    };
    const one = valueAndGradients({ r: rewards }, (p) => groupPairwiseLoss(p.r, wins));
    const other = valueAndGradients({ r: rewards }, flat);
    expect(one.loss.dataSync()[0]).to.be.closeTo(other.loss.dataSync()[0], 1e-6);
    const [a, b] = [one, other].map(({ gradients }) => [...gradients.r.dataSync()]);
    a.forEach((slope, i) => void expect(slope).to.be.closeTo(b[i], 1e-6));
  });

  it("is ln 2 where all rewards are the same, and does not overflow", () => {
    expect(groupPairwiseLoss(tf.zeros([2, 3]), wins).dataSync()[0]).to.be.closeTo(Math.LN2, 1e-6);
    expect(Number.isFinite(groupPairwiseLoss(tf.mul(rewards, 1e4), wins).dataSync()[0])).to.equal(true);
  });

  it("captured is eager, bit for bit", () => {
    const loss = (r: tf.Tensor, w: tf.Tensor) => groupPairwiseLoss(r, w);
    expect(capture(loss, [rewards, wins])(rewards, wins).dataSync()[0]).to.equal(loss(rewards, wins).dataSync()[0]);
  });

  it("refuses shapes and places that cannot be", () => {
    expect(() => groupPairwiseLoss(tf.zeros([2, 4]), wins)).to.throw(ShapeError);
    const one = (wins: [number, number][]) => () => groupBatch([{ ...groups[0], wins }], 2);
    expect(one([[0, 3]])).to.throw(DomainError, "two places from 0 to 2");
    expect(one([[1, 1]])).to.throw(DomainError);
    expect(() => groupBatch([groups[0], { ...groups[0], completions: [[2], [3]] }], 2)).to.throw(ShapeError, "group 1");
    expect(() => groupBatch([{ ...groups[0], baseRewards: [1, 2] }], 2)).to.throw(ShapeError, "baseRewards of group 0");
  });
});

describe("trainGroupReward", () => {
  it("learns only what is missing to the rewards that are known", async () => {
    // Token 2 is better than token 3, 731 times of 1000: by 1 nat. Who knows that already has nothing to add.
    const wins = Array.from({ length: 1000 }, (_, k): [number, number] => (k < 731 ? [0, 1] : [1, 0]));
    const group: ComparisonGroup = { prompt: [1], completions: [[2], [3]], wins };
    const model = tokenScoreReward({ vocabulary: 4, context: 2, width: 4, layers: 1, heads: 1 });
    const learned = async (known?: number[]) => {
      const train = [known === undefined ? group : { ...group, baseRewards: known }];
      const optimizer = adam({ rate: 2e-2 });
      const run = { model, optimizer, train, length: 2, batch: 1, steps: 150, label: false as const };
      const { state } = await trainGroupReward(key(5), run);
      const [[better, worse]] = groupRewards(model, state.params, [group], { length: 2, batch: 1 });
      return better - worse;
    };
    expect(await learned()).to.be.closeTo(1, 0.02);
    expect(await learned([1, 0])).to.be.closeTo(0, 0.02);
    expect(await learned([5, 7])).to.be.closeTo(3, 0.06);
  });

  it("learns what tokens are worth from noiseless groups, and rewards them group by group", async () => {
    const worth = [0, 1, -1, 2, -2, 0];
    const total = (row: ArrayLike<number>) => Array.from(row).reduce((sum, token) => sum + worth[token], 0);
    const groups = split(key(2), 120).map((k): ComparisonGroup => {
      const completions = split(k, 4).map((one) => Array.from(randint(one, 3, 1, 6)));
      const pairs = [
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 2],
        [1, 3],
        [2, 3],
      ];
      const decided = pairs.filter(([i, j]) => total(completions[i]) !== total(completions[j]));
      return {
        prompt: [1],
        completions,
        wins: decided.map(([i, j]) => (total(completions[i]) > total(completions[j]) ? [i, j] : [j, i])),
      };
    });
    const model = tokenScoreReward({ vocabulary: 6, context: 4, width: 8, layers: 1, heads: 2 });
    const { state, history } = await trainGroupReward(key(3), {
      model,
      optimizer: adam({ rate: 2e-2 }),
      train: groups.slice(0, 80),
      validation: groups.slice(80),
      length: 4,
      batch: 8,
      steps: 80,
      label: false,
    });
    expect(history[79].validationAccuracy).to.be.above(0.99);
    const rewards = groupRewards(model, state.params, groups.slice(80, 83), { length: 4, batch: 2 });
    expect(rewards.map((own) => own.length)).to.deep.equal([4, 4, 4]);
    groups.slice(80, 83).forEach(({ wins }, g) => {
      for (const [i, j] of wins) expect(rewards[g][i]).to.be.above(rewards[g][j]);
    });
  });
});
