import { expect } from "chai";
import { DomainError, key, logSoftmax, normal, ShapeError } from "rlhf-lab";
import {
  differenceGradient,
  differenceHessian,
  exactExpectation,
  exactKL,
  exactRegularisedOptimum,
} from "rlhf-lab/numerics";
import {
  exactClippedObjective,
  exactKlOldNew,
  fisherInformation,
  naturalGradient,
  ppoEpochs,
  ppoIterations,
  ratioDiagnostics,
  sequencePpo,
  stepPenalty,
  tokenPpo,
  trustRegionStep,
} from "rlhf-lab/policy";
import {
  conditionalLogProbs,
  drawSequences,
  exactPolicyGradient,
  fitTreePolicy,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  type TreePolicy,
  tabularContexts,
  tokenIndicesOf,
  tokenLogitGradient,
  treePolicy,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { expectClose } from "../floors.js";

const tree = sequenceTree(3, 3);
const reward = normal(key(9), tree.sequences.length);
const policyOf = (logits: ArrayLike<number>): TreePolicy => ({
  tree,
  contexts: lastTokenContexts(tree),
  logits: Float64Array.from(logits),
});
const old = policyOf(normal(key(1), 12));
const value = (policy: TreePolicy) => exactExpectation(sequenceLogProbsOf(policy), reward);
const moved = (z: ArrayLike<number>, size: number, seed = 5) =>
  policyOf(Float64Array.from(z, (x, i) => x + size * normal(key(seed), 12)[i]));

describe("policy/ppo: policies over a tree", () => {
  it("have a row of conditionals for each prefix, the same for those that read one row of logits", () => {
    for (const policy of [old, { tree, contexts: tabularContexts(tree), logits: normal(key(2), 21) }]) {
      const want = Array.from(policy.contexts, (row) => logSoftmax(policy.logits.subarray(3 * row, 3 * row + 3)));
      expectClose(nextTokenLogProbs(policy), want.flat(), 1e-15);
    }
    expect(() => nextTokenLogProbs(policyOf([1, 2]))).to.throw(ShapeError, "logits");
  });

  it("can be fitted to conditionals: exactly where those share rows, else closer than its neighbours", () => {
    const task = phraseTask({ length: 3 });
    const given = conditionalLogProbs(task.tree, task.reference[1]);
    const fitted = fitTreePolicy(task.tree, lastTokenContexts(task.tree), given);
    expectClose(sequenceLogProbsOf(fitted), task.reference[1], 1e-10);
    const other = nextTokenLogProbs(treePolicy(tree, normal(key(2), 21)));
    const best = fitTreePolicy(tree, old.contexts, other);
    const distance = (z: ArrayLike<number>) =>
      exactKlOldNew({ ...old, contexts: tabularContexts(tree), logits: other }, policyOf(z));
    expectClose(differenceGradient(distance, best.logits), new Float64Array(12), 1e-8);
    expect(distance(moved(best.logits, 0.1).logits)).to.be.above(distance(best.logits));
    expect(() => fitTreePolicy(tree, old.contexts, [0])).to.throw(ShapeError, "conditionals");
  });

  it("draw batches whose log-probabilities add up to those of the sequences", () => {
    const batch = drawSequences(key(3), old, 20);
    const logs = sequenceLogProbsOf(old);
    batch.sequences.forEach((y, b) => {
      expect(batch.tokenIndices[b].length).to.equal(tree.sequences[y].length);
      expect(batch.logpOld[b].reduce((a, c) => a + c)).to.be.closeTo(logs[y], 1e-12);
    });
    expect(() => drawSequences(key(3), old, 0)).to.throw(DomainError, "n");
    expect(() => tokenIndicesOf(tree, 99)).to.throw(DomainError, "sequence");
  });

  it("pass slopes on to logits", () => {
    const batch = drawSequences(key(3), old, 5);
    const slopes = batch.tokenIndices.map((list, b) => normal(key(b), list.length));
    const weighted = (z: ArrayLike<number>) =>
      treeTokenLogProbs(nextTokenLogProbs(policyOf(z)), batch.tokenIndices).reduce(
        (sum, list, b) => sum + list.reduce((s, log, t) => s + slopes[b][t] * log, 0),
        0,
      );
    expectClose(tokenLogitGradient(old, batch.tokenIndices, slopes), differenceGradient(weighted, old.logits), 1e-8);
    expect(() => tokenLogitGradient(old, batch.tokenIndices, [])).to.throw(ShapeError, "slopes");
    expect(() => tokenLogitGradient(old, [batch.tokenIndices[0]], [[]])).to.throw(ShapeError, "slopes[0]");
  });
});

describe("policy/ppo: epochs", () => {
  const batch = drawSequences(key(4), old, 32);
  const advantages = Array.from(batch.sequences, (y) => reward[y]);
  const perToken = batch.tokenIndices.map((list, b) => Array.from(list, () => advantages[b]));
  const losses = { token: tokenPpo(perToken), sequence: sequencePpo(advantages) };

  for (const [name, loss] of Object.entries(losses)) {
    it(`${name} level: the loss falls, by its gradient`, () => {
      const all = Int32Array.from(batch.sequences, (_, b) => b);
      const at = (z: ArrayLike<number>) =>
        loss(treeTokenLogProbs(nextTokenLogProbs(policyOf(z)), batch.tokenIndices), batch.logpOld, all).loss;
      const { policy, updates } = ppoEpochs(key(5), old, batch, { loss, epochs: 3, rate: 0.01 });
      expect(updates.map(({ epoch }) => epoch)).to.deep.equal([0, 1, 2]);
      expect(at(policy.logits)).to.be.below(updates[2].loss);
      expect(updates[2].loss).to.be.below(updates[0].loss);
      const slope = differenceGradient(at, old.logits);
      expectClose(
        updates[0].policy.logits,
        old.logits.map((z, i) => z - 0.01 * slope[i]),
        1e-9,
      );
    });
  }

  it("the first full step is the same with and without clipping, however long it is: nothing limits it", () => {
    const step = (clip: number, rate: number) =>
      ppoEpochs(key(5), old, batch, { loss: tokenPpo(perToken, { clip }), epochs: 1, rate }).policy;
    for (const rate of [0.1, 100]) {
      expect(step(0.2, rate).logits).to.deep.equal(step(Number.POSITIVE_INFINITY, rate).logits);
    }
    expect(exactKlOldNew(old, step(0.2, 100))).to.be.above(5);
  });

  it("is a function of its key, and the early stop ends it", () => {
    const run = (seed: number, stop?: { target: number }) =>
      ppoEpochs(key(seed), old, batch, { loss: losses.token, epochs: 4, minibatchSize: 8, rate: 1, stop });
    expect(run(1).policy.logits).to.deep.equal(run(1).policy.logits);
    expect(run(1).policy.logits).to.not.deep.equal(run(2).policy.logits);
    expect(run(1).updates).to.have.length(16);
    const short = run(1, { target: 0.005 });
    expect(short.stopped).to.equal(true);
    const measured = short.updates.map(({ policy }) => ratioDiagnostics(policy, batch).k3);
    expect(measured.at(-1)).to.be.above(0.0075);
    expect(Math.max(0, ...measured.slice(0, -1))).to.be.at.most(0.0075);
    expect(run(1, { target: 99 }).stopped).to.equal(false);
  });

  it("goes through the batch in another order in each epoch, every reply once", () => {
    const orders: number[][] = [[], []];
    let calls = 0;
    const watch: typeof losses.token = (logpNew, logpOld, which) => {
      orders[Math.floor(calls++ / 4)].push(...which);
      return losses.token(logpNew, logpOld, which);
    };
    ppoEpochs(key(1), old, batch, { loss: watch, epochs: 2, minibatchSize: 8, rate: 0.1 });
    const sorted = orders.map((order) => [...order].sort((a, b) => a - b));
    expect(sorted[0]).to.deep.equal(Array.from({ length: 32 }, (_, b) => b));
    expect(sorted[1]).to.deep.equal(sorted[0]);
    expect(orders[0]).to.not.deep.equal(orders[1]);
  });

  it("measures ratios as they are", () => {
    const now = moved(old.logits, 0.5);
    const { tokenLogRatios, sequenceLogRatios, tokensOutside, sequencesOutside } = ratioDiagnostics(now, batch);
    const [a, b] = [sequenceLogProbsOf(old), sequenceLogProbsOf(now)];
    expectClose(
      sequenceLogRatios,
      Array.from(batch.sequences, (y) => b[y] - a[y]),
      1e-12,
    );
    expect(tokenLogRatios.length).to.equal(batch.tokenIndices.reduce((sum, { length }) => sum + length, 0));
    const outside = (d: number) => Math.exp(d) > 1.2 || Math.exp(d) < 0.8;
    expect(tokensOutside).to.equal(tokenLogRatios.filter(outside).length / tokenLogRatios.length);
    expect(sequencesOutside).to.equal(sequenceLogRatios.filter(outside).length / 32);
    expect(exactKlOldNew(old, now)).to.be.closeTo(exactKL(a, b), 1e-14);
  });

  it("the step penalty's mean gradient is that of KL(old || new)", () => {
    // Every sequence once, weighted by its probability: slopes times the row's length, since the loss is a token mean.
    const now = moved(old.logits, 0.4);
    const zero: ReturnType<typeof tokenPpo> = (logs) => ({ loss: 0, gradient: logs.map((list) => list.map(() => 0)) });
    const mean = new Float64Array(12);
    const probabilities = sequenceLogProbsOf(old).map(Math.exp);
    tree.sequences.forEach((sequence, y) => {
      const places = [tokenIndicesOf(tree, y)];
      const [before, after] = [old, now].map((p) => treeTokenLogProbs(nextTokenLogProbs(p), places));
      const { gradient } = stepPenalty(zero, 2)(after, before, Int32Array.of(0));
      const slope = tokenLogitGradient(now, places, gradient);
      mean.forEach((_, i) => {
        mean[i] += probabilities[y] * sequence.length * slope[i];
      });
    });
    expectClose(
      mean,
      differenceGradient((z) => 2 * exactKlOldNew(old, policyOf(z)), now.logits),
      1e-8,
    );
  });

  it("bad input", () => {
    expect(() => ppoEpochs(key(1), old, batch, { loss: losses.token, rate: 0 })).to.throw(DomainError, "rate");
    expect(() => ppoEpochs(key(1), old, batch, { loss: losses.token, rate: 1, epochs: 0 })).to.throw(
      DomainError,
      "epochs",
    );
    expect(() => ppoEpochs(key(1), old, batch, { loss: losses.token, rate: 1, minibatchSize: 99 })).to.throw(
      DomainError,
      "size",
    );
  });
});

describe("policy/ppo: iterations", () => {
  it("climb to what can be had, and the anchor holds what the brake does not", () => {
    const task = phraseTask({ length: 3 });
    const rows = tabularContexts(task.tree);
    const start = { tree: task.tree, contexts: rows, logits: conditionalLogProbs(task.tree, task.reference[0]) };
    const reward = task.utility[0];
    const run = (options: object) =>
      ppoIterations(key(1), start, { reward, iterations: 40, batch: 128, epochs: 2, rate: 8, ...options });
    const free = run({});
    expect(free).to.have.length(41);
    expect(free[0].startKl).to.equal(0);
    expect(free[40].value).to.be.above(free[0].value + 1);
    const beta = 0.5;
    const anchored = run({ reference: { logRef: task.reference[0], beta } })[40];
    const best = exactRegularisedOptimum(task.reference[0], reward, beta);
    expect(anchored.startKl).to.be.closeTo(exactKL(best.logProbs, task.reference[0]), 0.35);
    expect(free[40].startKl).to.be.above(1.5 * anchored.startKl);
    expect(() => run({ reward: [1] })).to.throw(ShapeError, "reward");
    expect(() => run({ stepBeta: -1 })).to.throw(DomainError, "stepBeta");
    expect(() => run({ iterations: 0 })).to.throw(DomainError, "iterations");
  });
});

describe("policy/ppo: trust regions", () => {
  it("the Fisher information is the curvature of both KLs at the old policy", () => {
    const F = fisherInformation(old);
    const kls = [
      (z: number[]) => differenceGradient((y) => exactKlOldNew(old, policyOf(y)), z),
      (z: number[]) => differenceGradient((y) => exactKlOldNew(policyOf(y), old), z),
    ];
    for (const slope of kls) {
      const H = differenceHessian(slope, old.logits, 1e-3);
      for (const [i, row] of H.entries()) expectClose(row, F[i], 1e-4);
    }
  });

  it("the natural gradient solves F x = gradient", () => {
    const { gradient } = exactPolicyGradient(old, reward);
    const x = naturalGradient(old, gradient);
    expectClose(
      fisherInformation(old).map((row) => row.reduce((sum, f, i) => sum + f * x[i], 0)),
      gradient,
      1e-12,
    );
  });

  it("a step stays within its radius, uses most of it, and gains; no other step of that length tried gains more", () => {
    for (const radius of [1e-4, 0.01, 0.3]) {
      const { policy, kl, gain } = trustRegionStep(old, reward, { radius });
      expect(kl).to.be.closeTo(exactKlOldNew(old, policy), 1e-12);
      expect(kl).to.be.within(0.2 * radius, radius);
      expect(gain).to.be.closeTo(value(policy) - value(old), 1e-12);
      expect(gain).to.be.above(0);
      if (radius !== 1e-4) continue;
      for (let seed = 0; seed < 50; seed++) {
        const direction = normal(key(seed), 12);
        const step = (s: number) => policyOf(old.logits.map((z, i) => z + s * direction[i]));
        const scale = Math.sqrt(kl / exactKlOldNew(old, step(1e-3))) * 1e-3;
        expect(Math.abs(value(step(scale)) - value(old))).to.be.below(gain * 1.02);
      }
    }
  });

  it("stays where no step is better, and refuses a radius of 0", () => {
    const flat = trustRegionStep(old, new Float64Array(15), { radius: 0.1 });
    expect([flat.kl, flat.gain]).to.deep.equal([0, 0]);
    expect(flat.policy).to.equal(old);
    expect(() => trustRegionStep(old, reward, { radius: 0 })).to.throw(DomainError, "radius");
  });
});

describe("policy/ppo: the clipped objective with endless data", () => {
  it("is the mean over sequences of the loss with exact advantages, with its gradient", () => {
    const now = moved(old.logits, 0.5);
    const { Q, V } = exactPolicyGradient(old, reward);
    const probabilities = sequenceLogProbsOf(old).map(Math.exp);
    let mean = 0;
    tree.sequences.forEach((_, y) => {
      const places = [tokenIndicesOf(tree, y)];
      const gains = [Array.from(places[0], (at) => Q[at] - V[Math.floor(at / 3)])];
      const [before, after] = [old, now].map((p) => treeTokenLogProbs(nextTokenLogProbs(p), places));
      mean -= probabilities[y] * places[0].length * tokenPpo(gains)(after, before, Int32Array.of(0)).loss;
    });
    const { objective, gradient } = exactClippedObjective(old, now, reward);
    expect(objective).to.be.closeTo(mean, 1e-12);
    const of = (z: number[]) => exactClippedObjective(old, policyOf(z), reward).objective;
    expectClose(gradient, differenceGradient(of, now.logits), 1e-8);
    expect(() => exactClippedObjective(old, { ...now, tree: sequenceTree(3, 3) }, reward)).to.throw(ShapeError);
  });

  it("at the old policy it is 0, and its gradient that of the expected reward", () => {
    const { objective, gradient } = exactClippedObjective(old, old, reward);
    expect(objective).to.be.closeTo(0, 1e-14);
    expectClose(gradient, exactPolicyGradient(old, reward).gradient, 1e-12);
  });

  describe("promises nothing: on the phrase tree", () => {
    const task = phraseTask();
    const start: TreePolicy = {
      tree: task.tree,
      contexts: tabularContexts(task.tree),
      logits: conditionalLogProbs(task.tree, task.reference[0]),
    };
    const utility = task.utility[0];
    const worth = (policy: TreePolicy) => exactExpectation(sequenceLogProbsOf(policy), utility);

    it("a policy whose every sampled ratio is 1 is nats away: what was not sampled has no ratio", () => {
      const batch = drawSequences(key(1), start, 64);
      const sampled = new Set(batch.tokenIndices.flatMap((list) => Array.from(list)));
      const { Q } = exactPolicyGradient(start, utility);
      const logits = start.logits.slice();
      for (let p = 0; p < task.tree.prefixes.length; p++) {
        const unseen = Array.from({ length: 7 }, (_, v) => p * 7 + v).filter((at) => !sampled.has(at));
        const mass = unseen.reduce((sum, at) => sum + Math.exp(start.logits[at]), 0);
        const worst = unseen.reduce((a, b) => (Q[b] < Q[a] ? b : a));
        for (const at of unseen)
          logits[at] = Math.log(at === worst ? mass * (1 - 1e-3 * (unseen.length - 1)) : mass * 1e-3);
      }
      const now = { ...start, logits };
      const { tokensOutside, k1, k3 } = ratioDiagnostics(now, batch);
      expectClose([tokensOutside, k1, k3], [0, 0, 0], 1e-12);
      expect(exactKlOldNew(start, now)).to.be.above(3);
      expect(worth(now)).to.be.below(worth(start) - 1);
    });

    it("even with endless data and a perfect critic it can rise while the value falls by two points", () => {
      let now = start;
      for (let step = 0; step < 80; step++) {
        const { objective, gradient } = exactClippedObjective(start, now, utility);
        const down = exactPolicyGradient(treePolicy(task.tree, now.logits, start.contexts), utility).gradient;
        const hold = objective < 0.1 ? 8 : 0;
        now = { ...now, logits: now.logits.map((z, i) => z + 5 * (hold * gradient[i] - down[i])) };
      }
      expect(exactClippedObjective(start, now, utility).objective).to.be.above(0.05);
      expect(worth(now)).to.be.below(-1.9);
      expect(exactKlOldNew(start, now)).to.be.above(5);
    });
  });
});
