import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, mean, ShapeError, split, standardError } from "rlhf-lab";
import {
  chainEpisode,
  chainValues,
  lambdaMoments,
  type MarkovChain,
  markovChain,
  nStepMoments,
  randomWalk,
} from "rlhf-lab/mdp";
import { discountedReturns } from "rlhf-lab/policy";
import { probe, probeQuestions, probeReplies, probes, probeValues } from "rlhf-lab/worlds";
import { close } from "../preferences/close.js";

describe("Markov chains", () => {
  it("the random walk of Sutton and Barto, example 6.2: values 1/6 to 5/6", () => {
    close(chainValues(randomWalk(5, { left: 0, right: 1 })), [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6], 1e-12);
    close(
      chainValues(randomWalk(19)),
      Array.from({ length: 19 }, (_, s) => (s - 9) / 10),
      1e-12,
    );
  });

  it("moments of returns by enumeration of a small chain", () => {
    // State 0: pays 1 and goes to 1, or pays 3 and ends. State 1: pays 2 and ends.
    const chain = markovChain([
      [
        { probability: 0.25, reward: 1, next: 1 },
        { probability: 0.75, reward: 3, next: -1 },
      ],
      [{ probability: 1, reward: 2, next: -1 }],
    ]);
    const values = [7, 4];
    const by = (outcomes: [number, number][]) => {
      const m = outcomes.reduce((sum, [p, x]) => sum + p * x, 0);
      return [m, outcomes.reduce((sum, [p, x]) => sum + p * (x - m) ** 2, 0)];
    };
    const cases: [{ mean: Float64Array; variance: Float64Array }, [number, number][]][] = [
      [
        nStepMoments(chain, values, { n: 1, discount: 0.5 }),
        [
          [0.25, 1 + 0.5 * 4],
          [0.75, 3],
        ],
      ],
      [
        nStepMoments(chain, values, { n: 2, discount: 0.5 }),
        [
          [0.25, 1 + 0.5 * 2],
          [0.75, 3],
        ],
      ],
      [
        nStepMoments(chain, values, { n: Infinity, discount: 0.5 }),
        [
          [0.25, 2],
          [0.75, 3],
        ],
      ],
      [
        lambdaMoments(chain, values, { lambda: 0.3, discount: 0.5 }),
        [
          [0.25, 1 + 0.5 * (0.7 * 4 + 0.3 * 2)],
          [0.75, 3],
        ],
      ],
    ];
    for (const [got, outcomes] of cases) close([got.mean[0], got.variance[0]], by(outcomes), 1e-12);
  });

  it("of the true values every target is unbiased; lambda 0 is one step, lambda 1 Monte Carlo", () => {
    const walk = randomWalk(7);
    const truth = chainValues(walk, 0.9);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, lambda) => {
        close(nStepMoments(walk, truth, { n, discount: 0.9 }).mean, truth, 1e-10);
        close(lambdaMoments(walk, truth, { lambda, discount: 0.9 }).mean, truth, 1e-10);
      }),
    );
    const critic = [1, 2, 0, -1, 0.5, 1, 1];
    close(lambdaMoments(walk, critic, { lambda: 0 }).variance, nStepMoments(walk, critic, { n: 1 }).variance, 1e-10);
    const long = nStepMoments(walk, critic, { n: 2000 });
    close(lambdaMoments(walk, critic, { lambda: 1 }).variance, long.variance, 1e-8);
  });

  it("episodes are those of the chain: returns average to the value, within 4 standard errors", () => {
    const walk = randomWalk(5);
    const chain: MarkovChain = { ...walk, start: 1 };
    const returns = split(key(3), 600).map((k) => {
      const { states, rewards } = chainEpisode(k, chain);
      expect(states[0]).to.equal(1);
      for (let t = 1; t < states.length; t++) expect(Math.abs(states[t] - states[t - 1])).to.equal(1);
      return discountedReturns(rewards, 0.95)[0];
    });
    const error = Math.abs(mean(returns) - chainValues(walk, 0.95)[1]);
    expect(error).to.be.below(4 * standardError(returns));
    expect(chainEpisode(key(1), chain)).to.deep.equal(chainEpisode(key(1), chain));
  });

  it("refuse what cannot be", () => {
    expect(() => randomWalk(4)).to.throw(DomainError, "odd");
    expect(() => markovChain([[{ probability: 0.5, reward: 0, next: -1 }]])).to.throw(DomainError, "add up to 1");
    expect(() => markovChain([[{ probability: 1, reward: 0, next: 3 }]])).to.throw(DomainError, "next state");
    expect(() => nStepMoments(randomWalk(3), [0], { n: 1 })).to.throw(ShapeError, "3 numbers");
    expect(() => nStepMoments(randomWalk(3), [0, 0, 0], { n: 0 })).to.throw(DomainError, "n:");
    const forever = markovChain([[{ probability: 1, reward: 0, next: 0 }]]);
    expect(() => chainEpisode(key(1), forever, { limit: 100 })).to.throw(DomainError, "100 steps");
  });
});

describe("probe environments", () => {
  for (const one of probes()) {
    it(`${one.name}: the answer from thinking is the one from enumeration`, () => {
      const values = probeValues(one);
      const questions = probeQuestions(one);
      expect(questions.length).to.be.at.least(one.prompts);
      for (const { prompt, prefix, answer } of questions) {
        expect(values[prompt][prefix], `prompt ${prompt}, prefix [${one.tree.prefixes[prefix]}]`).to.be.closeTo(
          answer,
          1e-12,
        );
      }
    });

    it(`${one.name}: replies are the writer's, their returns average to the answer within 4.5 standard errors`, () => {
      const batch = probeReplies(key(5), one, 400);
      const { width, mask } = batch;
      for (let prompt = 0; prompt < one.prompts; prompt++) {
        const rows = Array.from(batch.prompt.keys()).filter((b) => batch.prompt[b] === prompt);
        const returns = rows.map((b) => {
          const length = mask.subarray(b * width, (b + 1) * width).reduce((a, m) => a + m, 0);
          expect(length).to.equal(one.tree.sequences[batch.reply[b]].length);
          return discountedReturns(batch.rewards.subarray(b * width, b * width + length), one.discount)[0];
        });
        const off = Math.abs(mean(returns) - one.answer(prompt, []));
        expect(off).to.be.at.most(4.5 * standardError(returns) + 1e-12);
      }
    });
  }

  it("have names", () => {
    expect(probe("paid later").discount).to.equal(0.5);
    expect(() => probe("nothing")).to.throw(DomainError, "paid later");
  });
});
