import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  channelCapacity,
  coadaptation,
  criticalGain,
  delayedLoop,
  desirabilityPolicy,
  labelerChannel,
  maximalLottery,
  meanValuePolicy,
  nashWelfare,
  overshootGain,
  pooledPreferences,
  priceOfKl,
  regularisedMirrorStep,
  regularisedNaturalStep,
  regularisedPlainStep,
  rewardEntropy,
  spectralRadius,
  treeDesirability,
} from "../../lib/src/information/index.js";
import {
  exactExpectation,
  exactKL,
  exactRegularisedObjective,
  exactRegularisedOptimum,
} from "../../lib/src/numerics/index.js";
import { conditionalLogProbs, sequenceLogProbs } from "../../lib/src/trees/index.js";
import { askPersons, lengthLoop, lengthSlope, personsWorld, phraseTask } from "../../lib/src/worlds/index.js";

const logRef = [0.4, 0.3, 0.2, 0.1].map(Math.log);
const reward = [0, 1, 2, 3];

describe("loops with delay", () => {
  it("are critical at 2, 1 and 0.618 for delays 0, 1, 2: the spectral radius is 1 there", () => {
    [2, 1, 0.618033988749895].forEach((gain, delay) => {
      expect(criticalGain(delay)).to.be.closeTo(gain, 1e-12);
      const coefficients = (k: number) => (delay === 0 ? [1 - k] : [1, ...Array(delay - 1).fill(0), -k]);
      expect(spectralRadius(coefficients(gain))).to.be.closeTo(1, 1e-9);
      expect(spectralRadius(coefficients(0.95 * gain))).to.be.below(1);
      expect(spectralRadius(coefficients(1.05 * gain))).to.be.above(1);
    });
    expect([0, 1, 2].map(overshootGain)).to.deep.equal([1, 0.25, 4 / 27]);
  });

  it("settle below the critical gain, swing above; below the other one they do not overshoot", () => {
    for (const delay of [0, 1, 2, 3]) {
      const end = (factor: number) => Math.abs(delayedLoop(factor * criticalGain(delay), delay, 3000)[3000] - 1);
      expect(end(0.95)).to.be.below(1e-3);
      expect(end(1.05)).to.be.above(1);
      const quiet = delayedLoop(0.999 * overshootGain(delay), delay, 400);
      expect(quiet.reduce((a, b) => Math.max(a, b))).to.be.at.most(1 + 1e-9);
    }
  });

  it("two who adapt meet where the rates say, and an anchor holds one of them", () => {
    const end = (k: number, rho: number, kappa = 0) => coadaptation({ theta: 1, b: -1 }, { k, rho, kappa }, 5000);
    for (const [k, rho, wanted] of [
      [0.3, 0.1, 0.5],
      [0.3, 0.3, 0],
      [0.1, 0.3, -0.5],
    ]) {
      const { theta, b } = end(k, rho);
      expect(theta[5000]).to.be.closeTo(wanted, 1e-9);
      expect(b[5000]).to.be.closeTo(wanted, 1e-9);
      expect(k * theta[7] + rho * b[7]).to.be.closeTo(k - rho, 1e-12);
    }
    expect(end(0.3, 0.1, 0.02).b[5000]).to.be.closeTo(1, 1e-9);
  });

  it("refuse in words", () => {
    expect(() => criticalGain(-1)).to.throw(DomainError, "delay");
    expect(() => spectralRadius([])).to.throw(ShapeError, "at least one");
    expect(() => coadaptation({ theta: 0, b: 0 }, { k: 2, rho: 0 }, 1)).to.throw(DomainError, "k");
  });
});

describe("steps and prices", () => {
  const options = { eta: 0.7, beta: 0.5 };
  const optimum = exactRegularisedOptimum(logRef, reward, 0.5);

  it("stand still at the optimum", () => {
    for (const step of [regularisedMirrorStep, regularisedNaturalStep]) {
      step(optimum.logProbs, logRef, reward, options).forEach((log, y) => {
        expect(log).to.be.closeTo(optimum.logProbs[y], 1e-12);
      });
    }
  });

  it("come to it, and the gap is beta KL(pi || pi*) at every step", () => {
    let pi: ArrayLike<number> = logRef;
    for (let t = 0; t < 60; t++) {
      pi = regularisedMirrorStep(pi, logRef, reward, options);
      const gap = optimum.value - exactRegularisedObjective(pi, logRef, reward, 0.5);
      expect(gap).to.be.closeTo(0.5 * exactKL(pi, optimum.logProbs), 1e-12);
    }
    expect(exactKL(pi, optimum.logProbs)).to.be.below(1e-9);
  });

  it("the mirror step is the best answer to reward, KL to the reference and KL to where it stands", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }), (logits) => {
        const norm = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
        const pi = logits.map((z) => z - norm);
        const worth = (p: ArrayLike<number>) =>
          exactRegularisedObjective(p, logRef, reward, options.beta) - exactKL(p, pi) / options.eta;
        const next = regularisedMirrorStep(pi, logRef, reward, options);
        for (let y = 0; y < 4; y++) {
          const moved = next.map((log, i) => log + (i === y ? 0.05 : 0));
          const total = Math.log(moved.reduce((sum, log) => sum + Math.exp(log), 0));
          expect(worth(moved.map((log) => log - total))).to.be.below(worth(next) + 1e-12);
        }
      }),
    );
  });

  it("a nat costs beta: the slope of the frontier, by differences", () => {
    const { beta, value, logProbs } = priceOfKl(logRef, reward, 0.4);
    expect(exactKL(logProbs, logRef)).to.be.closeTo(0.4, 1e-9);
    const slope = (priceOfKl(logRef, reward, 0.401).value - priceOfKl(logRef, reward, 0.399).value) / 0.002;
    expect(slope).to.be.closeTo(beta, 1e-4);
    const dual = beta * exactRegularisedOptimum(logRef, reward, beta).logPartition + beta * 0.4;
    expect(dual).to.be.closeTo(value, 1e-9);
    expect(() => priceOfKl(logRef, reward, 50)).to.throw(DomainError, "the KL of the best replies alone");
  });

  it("the tree's desirability is the whole optimum, token by token", () => {
    const { tree, reference, utility } = phraseTask({ length: 4 });
    const conditionals = conditionalLogProbs(tree, reference[0]);
    const whole = exactRegularisedOptimum(reference[0], utility[0], 0.5);
    expect(0.5 * treeDesirability(tree, conditionals, utility[0], 0.5)[0]).to.be.closeTo(whole.value, 1e-10);
    const written = sequenceLogProbs(tree, desirabilityPolicy(tree, conditionals, utility[0], 0.5));
    expect(exactKL(written, whole.logProbs)).to.be.closeTo(0, 1e-10);
    expect(() => treeDesirability(tree, conditionals, [1], 0.5)).to.throw(ShapeError, "one per sequence");
    expect(() => treeDesirability(tree, [0], utility[0], 0.5)).to.throw(ShapeError, "one per prefix and token");
  });
});

describe("what lesson 22 computes on the phrase task", () => {
  const { tree, reference, utility } = phraseTask();
  const [ref, worth] = [reference[0], utility[0]];
  const best = exactRegularisedOptimum(ref, worth, 0.5).value;
  type Step = typeof regularisedPlainStep;

  it("gaps of three kinds of steps: the ground's numbers", () => {
    const gap = (step: Step, steps: number) => {
      let pi: Float64Array = Float64Array.from(ref);
      for (let t = 0; t < steps; t++) pi = step(pi, ref, worth, { eta: 1, beta: 0.5 });
      return best - exactRegularisedObjective(pi, ref, worth, 0.5);
    };
    expect(gap(regularisedMirrorStep, 0)).to.be.closeTo(1.705, 5e-4);
    [0.488, 0.156, 0.0557, 0.0215].forEach((wanted, t) => {
      expect(gap(regularisedMirrorStep, t + 1)).to.be.closeTo(wanted, 5e-4);
    });
    expect(gap(regularisedNaturalStep, 1)).to.be.closeTo(0.214, 5e-4);
    expect(gap(regularisedNaturalStep, 10)).to.be.below(1e-6);
    [
      [1, 1.66],
      [10, 1.22],
      [100, 0.333],
    ].forEach(([steps, wanted]) => {
      expect(gap(regularisedPlainStep, steps)).to.be.closeTo(wanted, 5e-3);
    });
  });

  it("the plain step is the gradient of the objective in the logits, by differences", () => {
    const [logPi, logRef] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.3, 0.5],
    ].map((p) => p.map(Math.log));
    const reward = [1, 0, 2];
    const objective = (logits: number[]) => {
      const total = Math.log(logits.reduce((sum, l) => sum + Math.exp(l), 0));
      return exactRegularisedObjective(
        logits.map((l) => l - total),
        logRef,
        reward,
        0.7,
      );
    };
    const next = regularisedPlainStep(logPi, logRef, reward, { eta: 1e-3, beta: 0.7 });
    const moves = logPi.map((_, i) => {
      const at = (h: number) => objective(logPi.map((l, j) => (j === i ? l + h : l)));
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    // Up to the normaliser, which moves all alike.
    for (const i of [1, 2]) {
      const seen = (next[i] - logPi[i] - (next[0] - logPi[0])) / 1e-3;
      expect(seen).to.be.closeTo(moves[i] - moves[0], 1e-7);
    }
  });

  it("mean-value decoding: utility 1.756 for 1.291 nats, where the optimum has 2.626 for 1.863", () => {
    const decoded = sequenceLogProbs(tree, meanValuePolicy(tree, conditionalLogProbs(tree, ref), worth, 0.5));
    expect(exactExpectation(decoded, worth)).to.be.closeTo(1.756, 5e-4);
    expect(exactKL(decoded, ref)).to.be.closeTo(1.291, 5e-4);
    expect(() => meanValuePolicy(tree, [0], worth, 0.5)).to.throw(ShapeError, "conditionals");
    expect(() => meanValuePolicy(tree, conditionalLogProbs(tree, ref), [0], 0.5)).to.throw(ShapeError, "reward");
  });

  it("the entropy of the reward along RLHF: the ground's bits", () => {
    [
      [100, 3.125],
      [2, 2.811],
      [0.5, 1.617],
      [0.1, 0.811],
      [0.03, 0.0001],
    ].forEach(([beta, wanted]) => {
      const { logProbs } = exactRegularisedOptimum(ref, worth, beta);
      expect(rewardEntropy(logProbs, worth) / Math.LN2).to.be.closeTo(wanted, 1e-3);
    });
    expect(rewardEntropy([0.25, 0.25, 0.5].map(Math.log), [1, 1, 2])).to.be.closeTo(Math.LN2, 1e-12);
    expect(() => rewardEntropy([0], [1, 2])).to.throw(ShapeError, "one per reply");
  });

  it("the frontier and the capacities of labelers", () => {
    [
      [4, 0.07546, 0.60534],
      [2, 0.27098, 1.13225],
      [1, 0.82646, 1.89331],
      [0.5, 1.86327, 2.62577],
    ].forEach(([beta, kl, u]) => {
      const { logProbs } = exactRegularisedOptimum(ref, worth, beta);
      expect(exactKL(logProbs, ref)).to.be.closeTo(kl, 5e-6);
      expect(exactExpectation(logProbs, worth)).to.be.closeTo(u, 5e-6);
      expect(priceOfKl(ref, worth, exactKL(logProbs, ref)).beta / beta).to.be.closeTo(1, 1e-6);
    });
    const capacity = (m: number, options = {}) => channelCapacity(labelerChannel([m, -m], options)).capacity / Math.LN2;
    [
      [0.25, 0.01118],
      [0.5, 0.04371],
      [1, 0.16006],
      [2, 0.47293],
      [3, 0.72464],
      [4, 0.87002],
    ].forEach(([m, wanted]) => {
      expect(capacity(m)).to.be.closeTo(wanted, 5e-6);
    });
    [
      [1, 0.357],
      [4, 0.206],
    ].forEach(([tie, wanted]) => {
      expect(capacity(2, { tie })).to.be.closeTo(wanted, 5e-4);
    });
  });
});

describe("people in a pool", () => {
  it("a click saturates: mean of sigmoids, not the sigmoid of a mean", () => {
    [0.7285, 0.5762, 0.5312, 0.5285, 0.5285].forEach((p, i) => {
      const loss = [0, 2, 5, 10, 20][i];
      expect(
        pooledPreferences(
          [0.6, 0.4],
          [
            [2, 0],
            [-loss, 0],
          ],
        )[0][1],
      ).to.be.closeTo(p, 5e-5);
    });
    const P = pooledPreferences(
      [0.3, 0.7],
      [
        [1, 2, 0],
        [0, 1, 5],
      ],
    );
    P.forEach((line, i) => {
      line.forEach((p, j) => {
        expect(p + P[j][i]).to.be.closeTo(1, 1e-12);
      });
    });
  });

  it("the maximal lottery is the Condorcet winner, or mixes a circle by the opposite margins", async () => {
    expect([
      ...(await maximalLottery([
        [0, 1, 3],
        [-1, 0, 1],
        [-3, -1, 0],
      ])),
    ]).to.deep.equal([1, 0, 0]);
    const circle = await maximalLottery([
      [0, 0.3, -0.2],
      [-0.3, 0, 0.5],
      [0.2, -0.5, 0],
    ]);
    [0.5, 0.2, 0.3].forEach((p, i) => {
      expect(circle[i]).to.be.closeTo(p, 1e-9);
    });
    let refused = "";
    await maximalLottery([
      [0, 1],
      [1, 0],
    ]).catch((error: Error) => {
      refused = error.message;
    });
    expect(refused).to.include("minus margins");
  });

  it("Nash welfare shares by size, and has no direction that raises it", () => {
    const p = nashWelfare(
      [0.6, 0.4],
      [
        [3, 0, 1.2],
        [0, 3, 1.2],
      ],
    );
    [0.6, 0.4, 0].forEach((mass, i) => {
      expect(p[i]).to.be.closeTo(mass, 1e-6);
    });
    const worth = (q: ArrayLike<number>, u: number[][]) =>
      u.reduce((sum, line, g) => sum + [0.5, 0.5][g] * Math.log(line.reduce((s, x, i) => s + x * q[i], 0)), 0);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }), {
          minLength: 2,
          maxLength: 2,
        }),
        (u) => {
          const best = nashWelfare([0.5, 0.5], u, { tolerance: 1e-6 });
          for (const other of [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [1 / 3, 1 / 3, 1 / 3],
          ]) {
            expect(worth(other, u)).to.be.at.most(worth(best, u) + 1e-5);
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(() => nashWelfare([1], [[-1, 2]])).to.throw(DomainError, "at least 0");
    expect(() => nashWelfare([1], [[0, 0]])).to.throw(DomainError, "something above 0");
    expect(() => pooledPreferences([], [])).to.throw(ShapeError, "at least one group");
  });
});

describe("the worlds of one theory", () => {
  it("persons: one reply for all earns 0, each one's best 2.875; answers by the pages of the ground", () => {
    const world = personsWorld();
    const best = world.utility.map((u) => u.reduce((a, b) => Math.max(a, b)));
    expect(best.reduce((a, b) => a + b) / 8).to.be.closeTo(2.875, 1e-12);
    const shared = world.utility[0].map((_, y) => world.utility.reduce((sum, u) => sum + u[y] / 8, 0));
    expect(shared.reduce((a, b) => Math.max(a, b))).to.be.closeTo(0, 1e-12);
    expect(world.writing.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
    for (const [n, bits, worth] of [
      [1, 0.261, 1.166],
      [2, 0.734, 1.725],
      [6, 1.21, 1.915],
      [12, 1.714, 2.319],
    ]) {
      const { answers, bayesUtility } = askPersons(world, n);
      expect(answers / Math.LN2).to.be.closeTo(bits, 6e-4);
      expect(bayesUtility).to.be.closeTo(worth, 6e-4);
    }
    expect(() => world.reply("hello")).to.throw(DomainError, "words of the phrase task");
  });

  it("lengths: swing on the newest replies, settle on all", () => {
    const last = (beta: number, data: "newest" | "pooled") =>
      lengthLoop({ beta, data, rounds: 60 })
        .slice(-2)
        .map((r) => r.length);
    expect(Math.abs(last(0.5, "newest")[0] - last(0.5, "newest")[1])).to.be.above(30);
    expect(Math.abs(last(0.5, "pooled")[0] - last(0.5, "pooled")[1])).to.be.below(0.01);
    expect(last(1, "newest")[1]).to.be.closeTo(21.9, 5e-3);
    expect(last(0.3, "pooled")[1]).to.be.closeTo(23.19, 5e-3);
    const alone = new Float64Array(40).fill(0);
    alone[9] = 1;
    expect(lengthSlope(alone)).to.equal(0);
    expect(() => lengthLoop({ beta: 0, data: "newest", rounds: 3 })).to.throw(DomainError, "beta");
  });
});
