// Asking and learning: the harness, and which strategy does what on tasks whose truth is known.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { sigmoid } from "../../../lib/src/numerics/index.js";
import { active } from "../../../lib/src/preferences/index.js";
import { key, permutation, split } from "../../../lib/src/random/index.js";
import { draftsWorld } from "../../../lib/src/worlds/index.js";

const { answersNeeded, askAndLearn, excessLoss, simpleRegret, strategies } = active;
const small: active.QuestionWorld = {
  features: [[1], [0], [-1]],
  utility: [1, 0, -1],
  questions: [
    [0, 1],
    [1, 2],
  ],
  heldOut: [[0, 2]],
};

describe("simpleRegret", () => {
  it("is the utility lost by taking what looks best, whatever the other estimates", () => {
    expect(simpleRegret([1, 3, 2], [0, 0.1, -9])).to.equal(0);
    expect(simpleRegret([1, 3, 2], [5, 0, 0])).to.equal(2);
    expect(simpleRegret([1, 3, 2], [0, 0, 0])).to.equal(1); // any of them
    expect(simpleRegret([7], [0])).to.equal(0);
  });

  it("refuses nothing, other lengths, a NaN", () => {
    expect(() => simpleRegret([], [])).to.throw(ShapeError);
    expect(() => simpleRegret([1, 2], [1])).to.throw(ShapeError, "2 numbers");
    expect(() => simpleRegret([1, Number.NaN], [1, 2])).to.throw(DomainError, "utility[1]");
  });
});

describe("excessLoss", () => {
  it("is the mean KL of the true from the predicted probabilities", () => {
    const [utility, estimate] = [
      [0, 1, -2],
      [0.5, 0, 0],
    ];
    const kl = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    const want = (kl(sigmoid(-1), sigmoid(0.5)) + kl(sigmoid(3), sigmoid(0))) / 2;
    expect(
      excessLoss(utility, estimate, [
        [0, 1],
        [1, 2],
      ]),
    ).to.be.closeTo(want, 1e-12);
    expect(excessLoss(utility, utility, [[0, 2]])).to.equal(0);
    expect(() => excessLoss(utility, estimate, [])).to.throw(ShapeError);
    const endless = [Number.POSITIVE_INFINITY, 0, 0];
    expect(() => excessLoss(endless, estimate, [[0, 1]])).to.throw(DomainError, "utility[0]");
    expect(() => excessLoss(utility, endless, [[1, 0]])).to.throw(DomainError, "estimate[0]");
    expect(() => simpleRegret(endless, estimate)).to.throw(DomainError, "utility[0]");
  });
});

describe("answersNeeded", () => {
  it("is the first time from which the loss stays low", () => {
    expect(answersNeeded([3, 1, 2, 1, 0.5], 1)).to.equal(3);
    expect(answersNeeded([1, 1], 1)).to.equal(0);
    expect(answersNeeded([0, 2], 1)).to.equal(Number.POSITIVE_INFINITY);
  });
});

describe("every strategy", () => {
  const world = draftsWorld(key(1), { texts: 5, traits: 2, contests: 8 });
  const differences = world.questions.map(([i, j]) => world.features[i].map((x, c) => x - world.features[j][c]));
  const covariance = [
    [1, 0.2, 0, 0],
    [0.2, 2, 0, 0],
    [0, 0, 0.5, 0],
    [0, 0, 0, 0.1],
  ];
  const posterior = { mean: [1, -0.5, 0.1, 0], covariance };
  for (const [name, strategy] of Object.entries(strategies)) {
    it(`${name}: one finite score for each question, the same for the same key`, () => {
      const scores = strategy(key(3), posterior, differences);
      expect(scores.length).to.equal(differences.length);
      expect(Array.from(scores).every(Number.isFinite)).to.equal(true);
      expect(Array.from(strategy(key(3), posterior, differences))).to.deep.equal(Array.from(scores));
      expect(Array.from(strategy(key(3), posterior, []))).to.deep.equal([]);
    });
    if (name === "random") continue;
    it(`${name}: scores follow their questions, and do not care who is shown first`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
          const order = Array.from(permutation(key(seed), differences.length));
          const sign = order.map((q) => (q % 2 ? 1 : -1));
          const scores = strategy(key(3), posterior, differences);
          const moved = strategy(
            key(3),
            posterior,
            order.map((q, k) => differences[q].map((x) => sign[k] * x)),
          );
          order.forEach((q, k) => {
            expect(moved[k]).to.be.closeTo(scores[q], 1e-9);
          });
        }),
        { numRuns: 20 },
      );
    });
  }
});

describe("askAndLearn", () => {
  it("repeats itself with the same key, keeps its budget, and measures before and after every answer", () => {
    const options = { strategy: strategies["information gain"], budget: 6, deviation: 2 };
    const watched: number[] = [];
    const run = askAndLearn(key(1), small, { ...options, watch: (_, n) => watched.push(n) });
    expect(askAndLearn(key(1), small, options)).to.deep.equal(run);
    expect([run.asked.length, run.answers.length, run.regret.length, run.loss.length]).to.deep.equal([6, 6, 7, 7]);
    expect(watched).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(run.regret[0]).to.equal(1); // all three look equal
    expect(askAndLearn(key(1), small, { ...options, budget: 0 }).asked).to.deep.equal([]);
  });

  it("answers as the labelers would: 2,000 answers to one question within 5 standard errors, with and without flips", () => {
    const one = { ...small, questions: [[0, 1]] as [number, number][] };
    for (const flip of [0, 0.2]) {
      const { answers } = askAndLearn(key(2), one, {
        strategy: strategies.random,
        budget: 2000,
        deviation: 1,
        noise: { flip },
      });
      const p = flip + (1 - 2 * flip) * sigmoid(1);
      const share = answers.reduce((a, b) => a + b) / answers.length;
      expect(share).to.be.closeTo(p, 5 * Math.sqrt((p * (1 - p)) / 2000));
    }
  });

  it("asks each recorded question once and hears what was recorded", () => {
    const world = {
      ...small,
      questions: [
        [0, 1],
        [1, 0],
        [0, 1],
      ] as [number, number][],
      recorded: [0, 1, 1],
    };
    const run = askAndLearn(key(3), world, { strategy: strategies.uncertainty, budget: 3, deviation: 1 });
    expect([...run.asked].sort()).to.deep.equal([0, 1, 2]);
    expect(run.answers).to.deep.equal(run.asked.map((q) => world.recorded[q]));
    expect(run.posterior.mean[0]).to.be.below(0); // item 1 won twice of three
  });

  it("refuses a world that does not fit together", () => {
    const go = (change: Partial<active.QuestionWorld>, budget = 1) =>
      askAndLearn(key(1), { ...small, ...change }, { strategy: strategies.random, budget, deviation: 1 });
    expect(() => go({ questions: [] })).to.throw(ShapeError, "questions");
    expect(() => go({ questions: [[0, 3]] })).to.throw(DomainError, "questions[0]");
    expect(() => go({ heldOut: [[1, 1]] })).to.throw(DomainError, "heldOut[0]");
    expect(() => go({ utility: [1] })).to.throw(ShapeError, "utility");
    expect(() => go({ recorded: [1] })).to.throw(ShapeError, "recorded");
    expect(() => go({ recorded: [1, 0] }, 3)).to.throw(DomainError, "budget");
    expect(() => go({}, -1)).to.throw(DomainError, "budget");
    expect(() => go({ utility: [1, Number.NaN, 0] })).to.throw(DomainError);
  });
});

describe("on the drafts, half of whose questions are true ties", () => {
  const [seeds, budget] = [8, 40];
  const runs = (name: string) =>
    split(key(31), seeds).map((k) => {
      const [make, ask] = split(k);
      const world = draftsWorld(make);
      const run = askAndLearn(ask, world, { strategy: strategies[name], budget, deviation: 1 });
      return { ...run, ties: run.asked.filter((q) => world.isTie[q]).length / budget };
    });
  let random: ReturnType<typeof runs>;
  let uncertainty: ReturnType<typeof runs>;
  let information: ReturnType<typeof runs>;
  before(() => {
    [random, uncertainty, information] = ["random", "uncertainty", "information gain"].map(runs);
  });

  // If either order were as likely, 8 of 8 would come up once in 256 times.
  it("information gain spends fewer questions on ties than uncertainty, in every one of 8 worlds", () => {
    for (let s = 0; s < seeds; s++) expect(information[s].ties, `world ${s}`).to.be.below(uncertainty[s].ties);
  });

  it("information gain predicts better than random after 40 answers, in every one of 8 worlds", () => {
    for (let s = 0; s < seeds; s++)
      expect(information[s].loss[budget], `world ${s}`).to.be.below(random[s].loss[budget]);
  });

  it("uncertainty wastes more than random does, on average", () => {
    const share = (list: typeof random) => list.reduce((sum, { ties }) => sum + ties, 0) / seeds;
    expect(share(uncertainty)).to.be.above(0.6);
    expect(share(random)).to.be.within(0.4, 0.6);
    expect(share(information)).to.be.below(0.1);
  });
});
