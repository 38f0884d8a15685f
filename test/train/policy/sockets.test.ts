// What a method may ask of the one trainer: costs, an opponent, a judge of pairs. On the phrase task, by enumeration.
import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { generator, leftPad } from "../../../lib/src/models/index.js";
import { sigmoid } from "../../../lib/src/numerics/index.js";
import { key } from "../../../lib/src/random/index.js";
import { adam, disposeTree, namedLeaves, type Tree } from "../../../lib/src/tensor/index.js";
import {
  algorithms,
  type CompletionPairs,
  completionsOf,
  type Experience,
  type PolicyAlgorithm,
  type RewardFunction,
  trainPolicy,
  winsAgainstOpponent,
  winsInGroup,
} from "../../../lib/src/train/index.js";
import { sequenceIndex } from "../../../lib/src/trees/index.js";
import { exactly, logProbsOf, model, prompts, start, task, utility } from "./phraseWorld.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const length: RewardFunction = ({ written }) => written.map((tokens) => tokens.length);
const options = (algorithm: PolicyAlgorithm, iterations: number) => ({
  model,
  start,
  algorithm,
  optimizer: adam({ rate: 1e-2, maxNorm: 1 }),
  prompts,
  reward: utility,
  batch: 32,
  iterations,
  newTokens: 3,
  stop: 0,
  beta: 0.1,
  label: false as const,
});
/** The utility decides, with the noise of Bradley and Terry. */
const worthOf = (prompt: ArrayLike<number>, tokens: readonly number[]) =>
  task.utility[task.prompts.indexOf(prompt[0])][sequenceIndex(task.tree, tokens)];
const judge = ({ prompts, first, second }: CompletionPairs) =>
  first.map((tokens, i) => sigmoid(worthOf(prompts[i], tokens) - worthOf(prompts[i], second[i])));
/** RLOO that keeps what it is given. */
const seeing = (seen: Experience[], base = algorithms.rloo()): PolicyAlgorithm => ({
  ...base,
  advantages(experience, beta) {
    seen.push(experience);
    return base.advantages(experience, beta);
  },
});

describe("the sockets of the trainer", () => {
  it("costs reach the algorithm and the records: RLOO on reward - 0.3 cost, by the cost or by the reward, is the same run bit for bit", async () => {
    const base = algorithms.rloo();
    const penalised: PolicyAlgorithm = {
      ...base,
      advantages: (experience, beta) => {
        const reward = experience.reward.map((r, b) => r - 0.3 * (experience.costs?.length[b] ?? Number.NaN));
        return base.advantages({ ...experience, reward }, beta);
      },
    };
    const inReward: RewardFunction = (x) => Array.from(utility(x), (r, b) => r - 0.3 * length(x)[b]);
    const one = await trainPolicy(key(1), { ...options(penalised, 4), costs: { length } });
    const other = await trainPolicy(key(1), { ...options(base, 4), reward: inReward });
    expect(bits(one.params)).to.deep.equal(bits(other.params));
    for (const [i, record] of one.history.entries()) {
      expect(record["cost.length"]).to.be.closeTo(record.length, 1e-12);
      expect(record.reward - 0.3 * record["cost.length"]).to.be.closeTo(other.history[i].reward, 1e-12);
    }
    const few = await trainPolicy(key(1), { ...options(base, 1), costs: { length: () => [1] } }).catch(String);
    expect(few).to.contain("costs.length");
    disposeTree([one.params, other.params]);
  });

  it("an opponent writes to the same prompts with draws of its own; the mean reward is P(win), within four standard errors of the sum over all pairs", async () => {
    const learned = await trainPolicy(key(2), options(algorithms.rloo(), 15));
    const seen: Experience[] = [];
    const reward = winsAgainstOpponent(judge);
    const run = await trainPolicy(key(3), {
      ...options(seeing(seen), 1),
      batch: 2048,
      reward,
      opponent: () => learned.params,
    });
    const [mine, theirs] = [logProbsOf(start), logProbsOf(learned.params)];
    let exact = 0;
    task.utility.forEach((worth, x) => {
      mine[x].forEach((p, i) => {
        theirs[x].forEach((q, j) => {
          exact += (Math.exp(p + q) * sigmoid(worth[i] - worth[j])) / 2;
        });
      });
    });
    expect(exact).to.be.below(0.45);
    // A probability varies by at most 1/4 times a half; a prompt is shared by a group of four.
    const wins = seen[0].reward;
    const groups = Array.from({ length: wins.length / 4 }, (_, g) => wins.subarray(4 * g, 4 * g + 4));
    const means = groups.map((group) => group.reduce((a, b) => a + b) / 4);
    const spread = means.reduce((sum, m) => sum + (m - run.history[0].reward) ** 2, 0) / (means.length - 1);
    expect(run.history[0].reward).to.be.closeTo(exact, 4 * Math.sqrt(spread / means.length));
    expect(seen[0].opponent?.tokens).to.have.length(seen[0].tokens.length);
    expect(seen[0].opponent?.tokens).to.not.deep.equal(seen[0].tokens);
    const { columns, rows } = seen[0];
    for (let b = 0; b < rows; b++) expect(seen[0].opponent?.tokens[b * columns]).to.equal(seen[0].tokens[b * columns]);
    disposeTree([learned.params, run.params]);
  });

  it("an opponent that nobody asks changes not a bit of the run", async () => {
    const [alone, watched] = [
      await trainPolicy(key(4), options(algorithms.rloo(), 3)),
      await trainPolicy(key(4), { ...options(algorithms.rloo(), 3), opponent: (policy) => policy }),
    ];
    expect(bits(watched.params)).to.deep.equal(bits(alone.params));
    disposeTree([alone.params, watched.params]);
  });

  it("self-play with a judge of pairs alone climbs the utility behind the judge, against itself or within groups", async () => {
    const before = exactly(start).utility;
    const inGroup = winsInGroup(judge, { group: 4 });
    const runs = {
      itself: { reward: winsAgainstOpponent(judge), opponent: (policy: typeof start) => policy },
      group: { reward: inGroup },
    };
    for (const [name, run] of Object.entries(runs)) {
      const { params, history } = await trainPolicy(key(5), { ...options(algorithms.rloo(), 40), ...run, beta: 0 });
      expect(exactly(params).utility, name).to.be.above(before + 0.8);
      if (name === "group") for (const { reward } of history) expect(reward).to.be.closeTo(0.5, 1e-12);
      disposeTree(params);
    }
  });

  it("wins in a group by hand, whatever the judge thinks of places", () => {
    const rollout = generator(model, { newTokens: 2, stop: 0 })(key(6), start, leftPad([[5], [5], [5], [6], [6], [6]]));
    const written = [
      [1, 0],
      [2, 0],
      [3, 0],
      [1, 0],
      [1, 0],
      [2, 0],
    ];
    const groups = { ...completionsOf(rollout, [[5], [5], [5], [6], [6], [6]]), written };
    // The larger word wins; the first place adds a tenth.
    const biased = ({ first, second }: CompletionPairs) =>
      first.map(([a], i) => (a > second[i][0] ? 0.9 : a < second[i][0] ? 0 : 0.5) + 0.1);
    const rewards = Array.from(winsInGroup(biased, { group: 3 })(groups));
    // Over both orders: the larger one (1 + 0.9) / 2, the smaller one 0.05, equals a half.
    const want = [0.05, 0.5, 0.95, (0.5 + 0.05) / 2, (0.5 + 0.05) / 2, 0.95];
    rewards.forEach((reward, i) => {
      expect(reward).to.be.closeTo(want[i], 1e-12);
    });
    expect(() => winsInGroup(judge, { group: 1 })).to.throw(DomainError, "group");
    expect(() => winsInGroup(biased, { group: 4 })(groups)).to.throw(ShapeError, "group, 4");
    expect(() => winsInGroup(() => [1], { group: 3 })(groups)).to.throw(ShapeError, "one per pair");
    expect(() => winsInGroup(() => new Float64Array(12).fill(2), { group: 3 })(groups)).to.throw(
      DomainError,
      "from 0 to 1",
    );
    expect(() => winsInGroup(() => new Float64Array(12).fill(Number.NaN), { group: 3 })(groups)).to.throw(DomainError);
    expect(() => winsAgainstOpponent(judge)(groups)).to.throw(DomainError, "opponent");
    disposeTree(rollout);
  });
});
