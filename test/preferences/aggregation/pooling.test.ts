import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, pearsonCorrelation } from "../../../lib/src/numerics/index.js";
import {
  judgementsFromColumns,
  labelerConsistency,
  scaledBradleyTerry,
  scaledPlackettLuce,
  scaledRankingLogLikelihood,
  simulateAnnotations,
  simulateJudgements,
} from "../../../lib/src/preferences/aggregation/index.js";
import { cyclicTriples, plackettLuce } from "../../../lib/src/preferences/index.js";
import { rankingsFromOrders, topOf } from "../../../lib/src/preferences/rankings.js";
import { foldIn, key, normal, split } from "../../../lib/src/random/index.js";
import { close } from "../close.js";

describe("aggregation: rankings and consistency of labelers", () => {
  const theta = [1.5, 0.5, 0, -0.5, -1.5];

  it("pooled rankings: both gradients by differences, for full and partial rankings", () => {
    const rankings = topOf(
      rankingsFromOrders([
        [0, 1, 2],
        [2, 1, 0, 3],
        [3, 0],
        [1, 3, 2, 0],
      ]),
      2,
    );
    const labeler = [0, 1, 0, 1];
    const [t, a] = [Array.from(normal(key(3), 4)), [1.3, -0.4]];
    const gradients = { theta: new Float64Array(4), alpha: new Float64Array(2) };
    scaledRankingLogLikelihood(t, a, rankings, labeler, gradients);
    const at = (x: ArrayLike<number>, y: ArrayLike<number>) => scaledRankingLogLikelihood(x, y, rankings, labeler);
    close(
      gradients.theta,
      differenceGradient((x) => at(x, a), t),
      1e-8,
    );
    close(
      gradients.alpha,
      differenceGradient((y) => at(t, y), a),
      1e-8,
    );
    expect(at(t, [1, 1])).to.be.closeTo(plackettLuce.logLikelihood(t, rankings), 1e-12);
  });

  it("rankings of two items pool as comparisons do", () => {
    const data = simulateJudgements(key(8), theta, [{ sharpness: 2 }, {}, { sharpness: 0.2 }], 200);
    const orders = Array.from(data.winner, (winner, k) => [winner, data.loser[k]]);
    const pooled = scaledPlackettLuce(rankingsFromOrders(orders, { items: 5 }), data.labeler);
    const compared = scaledBradleyTerry(data);
    close(pooled.theta, compared.theta, 1e-4);
    close(Array.from(pooled.alpha), Array.from(compared.alpha), 1e-4);
  });

  it("pooling finds who ranks sharply, and loses less to those who do not than counting all alike", () => {
    const alpha = [3, 2, 0, 0, 0, 1];
    const orders: number[][] = [];
    const labeler: number[] = [];
    alpha.forEach((a, w) => {
      const mine = plackettLuce.simulate(
        foldIn(key(5), w),
        theta.map((t) => a * t),
        60,
      );
      for (let r = 0; r < 60; r++) {
        orders.push(Array.from(mine.order.subarray(mine.start[r], mine.start[r + 1])));
        labeler.push(w);
      }
    });
    const rankings = rankingsFromOrders(orders);
    const fit = scaledPlackettLuce(rankings, labeler);
    close(
      Array.from(fit.alpha),
      alpha, // their mean is 1
      0.4,
    );
    expect(pearsonCorrelation(fit.theta, theta)).to.be.greaterThan(0.99);
    const alike = plackettLuce.fit(rankings).theta;
    const error = (estimate: number[]) => Math.max(...estimate.map((e, i) => Math.abs(e - theta[i])));
    expect(error(fit.theta)).to.be.lessThan(error(alike));
  });

  it("half the crowd backwards: abilities keep their size, up to the sign that such a crowd does not tell", () => {
    const judges = Array.from({ length: 6 }, (_, w) => ({ flip: w < 3 ? 0.02 : 0.98 }));
    for (const k of split(key(12), 4)) {
      const fit = scaledBradleyTerry(simulateJudgements(k, theta, judges, 300));
      const size = Math.sign(fit.theta[0]) as 1 | -1;
      close(
        fit.theta.map((t) => t * size),
        theta,
        0.5,
      );
      expect(fit.alpha.reduce((sum, a) => sum + Math.abs(a), 0) / 6).to.be.closeTo(1, 1e-9);
      for (const [w, a] of fit.alpha.entries()) expect(a * size * (w < 3 ? 1 : -1)).to.be.within(0.6, 1.5);
    }
  });

  it("circles are counted over what was compared: as the whole table says, and for thousands of items as well", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 3, max: 9 }), (seed, items) => {
        const data = simulateJudgements(key(seed), new Array(items).fill(0), [{}, {}, {}], 3 * items);
        for (const { labeler, cyclic, compared } of labelerConsistency(data)) {
          const tally = Array.from({ length: items }, () => new Float64Array(items));
          for (let k = 0; k < data.winner.length; k++) {
            if (data.labeler[k] === labeler) tally[data.winner[k]][data.loser[k]] += data.weight[k];
          }
          expect({ cyclic, compared }).to.deep.equal(cyclicTriples(tally));
        }
      }),
      { numRuns: 50 },
    );
    // 200 labelers and 20,000 items: their tables would take 640 GB.
    const rounds = Array.from({ length: 200 }, (_, w) =>
      [0, 1, 2].map((i) => [w, 90 * w + i, 90 * w + ((i + 1) % 3)]),
    ).flat();
    const many = judgementsFromColumns(
      rounds.map(([w]) => w),
      rounds.map(([, won]) => won),
      rounds.map(([, , lost]) => lost),
      { items: 20_000 },
    );
    for (const one of labelerConsistency(many)) expect(one.share).to.equal(1);
    // A tenth three times and three tenths once are as much.
    const even = judgementsFromColumns(new Int32Array(6), [0, 0, 0, 1, 1, 2], [1, 1, 1, 0, 2, 0], {
      weight: [0.1, 0.1, 0.1, 0.3, 1, 1],
    });
    expect(labelerConsistency(even)[0].compared).to.equal(0);
  });

  it("one who is transitive has no circles, one who tosses coins has one in four", () => {
    const circle = judgementsFromColumns([0, 0, 0, 1, 1, 1, 2], [0, 1, 2, 0, 1, 0, 0], [1, 2, 0, 1, 2, 2, 1]);
    const [first, second, third] = labelerConsistency(circle);
    expect(first).to.deep.equal({ labeler: 0, cyclic: 1, compared: 1, share: 1 });
    expect(second).to.deep.equal({ labeler: 1, cyclic: 0, compared: 1, share: 0 });
    expect(third.share).to.be.NaN;
    const shares = split(key(2), 40).map((k) => {
      const coins = simulateJudgements(k, new Array(8).fill(0), [{}], 400);
      return labelerConsistency(coins)[0].share;
    });
    // 40 tournaments of 56 triples: the mean's standard error is below 0.011.
    expect(shares.reduce((a, b) => a + b) / 40).to.be.closeTo(0.25, 0.04);
  });

  it("simulated people answer as they were told to", () => {
    const table = [
      [0.7, 0.2, 0.1],
      [0.1, 0.1, 0.8],
      [0.3, 0.3, 0.4],
    ];
    const { data, truth } = simulateAnnotations(key(4), [0.8, { always: 2 }, table], 6000, { classes: 3, share: 0.5 });
    const rate = (w: number, t: number, c: number) => {
      let [all, hits] = [0, 0];
      for (let k = 0; k < data.task.length; k++) {
        if (data.labeler[k] !== w || truth[data.task[k]] !== t) continue;
        all++;
        if (data.label[k] === c) hits++;
      }
      return hits / all;
    };
    // About 1000 answers in each row: 4.5 standard errors are below 0.075.
    for (let t = 0; t < 3; t++) {
      expect(rate(0, t, t)).to.be.closeTo(0.8, 0.075);
      expect(rate(1, t, 2)).to.equal(1);
      for (let c = 0; c < 3; c++) expect(rate(2, t, c)).to.be.closeTo(table[t][c], 0.075);
    }
    expect(data.task.length / 18000).to.be.closeTo(0.5, 0.02);
    const flipped = simulateJudgements(key(1), [50, 0], [{ flip: 1 }, {}], 50);
    for (let k = 0; k < 100; k++) expect(flipped.winner[k]).to.equal(flipped.labeler[k] === 0 ? 1 : 0);
  });

  it("bad input is told what is wrong with it", () => {
    const rankings = rankingsFromOrders([[0, 1]]);
    expect(() => scaledPlackettLuce(rankings, [0, 1])).to.throw(ShapeError, "labeler");
    expect(() => scaledPlackettLuce(rankings, [2], { labelers: 2 })).to.throw(DomainError, "from 0 to 1");
    expect(() => scaledPlackettLuce(rankingsFromOrders([], { items: 2 }), [])).to.throw(DomainError, "at least one");
    expect(() => simulateAnnotations(key(1), [1.2], 3)).to.throw(DomainError, "labelers[0]");
    expect(() => simulateAnnotations(key(1), [{ always: 2 }], 3)).to.throw(DomainError, "from 0 to 1");
    expect(() => simulateAnnotations(key(1), [[[1, 0]]], 3)).to.throw(ShapeError, "table");
    expect(() => simulateJudgements(key(1), [0], [{}], 3)).to.throw(DomainError, "two abilities");
  });
});
