import { expect } from "chai";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { differenceGradient, sigmoid } from "../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  davidson,
  likelihoodRatioTest,
  orderEffect,
} from "../../lib/src/preferences/index.js";
import { key, split, uniform } from "../../lib/src/random/index.js";
import { close } from "./close.js";

/** Every pair meets `times` times in each order. */
function season(
  seed: ReturnType<typeof key>,
  theta: number[],
  order: number,
  times: number,
): orderEffect.OrderedComparisons {
  const winner: number[] = [];
  const loser: number[] = [];
  const winnerFirst: number[] = [];
  const draws = uniform(seed, theta.length ** 2 * times);
  let drawn = 0;
  for (let home = 0; home < theta.length; home++) {
    for (let away = 0; away < theta.length; away++) {
      for (let game = 0; home !== away && game < times; game++) {
        const won = draws[drawn++] < sigmoid(theta[home] - theta[away] + order);
        winner.push(won ? home : away);
        loser.push(won ? away : home);
        winnerFirst.push(Number(won));
      }
    }
  }
  return { ...comparisonsFromColumns(winner, loser), winnerFirst };
}

const logLikelihood = (theta: ArrayLike<number>, order: number, data: orderEffect.OrderedComparisons) => {
  let sum = 0;
  for (let k = 0; k < data.winner.length; k++) {
    const lead = theta[data.winner[k]] - theta[data.loser[k]] + (data.winnerFirst![k] ? order : -order);
    sum += data.weight[k] * Math.log(sigmoid(lead));
  }
  return sum;
};

describe("Order effect", () => {
  it("two items: the closed form from the two orders' log-odds", () => {
    // At home item 0 won 30 of 40; away 20 of 40.
    const data = {
      ...comparisonsFromPairs(
        [
          [0, 1],
          [1, 0],
          [0, 1],
          [1, 0],
        ],
        { weight: [30, 10, 20, 20] },
      ),
      winnerFirst: [1, 0, 0, 1],
    };
    const found = orderEffect.fit(data, { gauge: { reference: 1 } });
    const [home, away] = [Math.log(30 / 10), Math.log(20 / 20)];
    expect(found.theta[0]).to.be.closeTo((home + away) / 2, 1e-9);
    expect(found.order).to.be.closeTo((home - away) / 2, 1e-9);
    const variance = (1 / 30 + 1 / 10 + 1 / 20 + 1 / 20) / 4;
    expect(found.orderError).to.be.closeTo(Math.sqrt(variance), 1e-9);
    expect(found.standardErrors[0]).to.be.closeTo(Math.sqrt(variance), 1e-9);
    expect(found.standardErrors[1]).to.be.closeTo(0, 1e-9);
  });

  it("is the top of its likelihood: no slope in abilities or order", () => {
    const data = season(key(3), [0.5, 0, -0.5], 0.3, 20);
    const found = orderEffect.fit(data);
    const at = [...found.theta, found.order];
    close(
      differenceGradient((x) => logLikelihood(x, x[3], data), at),
      [0, 0, 0, 0],
      1e-6,
    );
    expect(found.logLikelihood).to.be.closeTo(logLikelihood(found.theta, found.order, data), 1e-9);
    expect(found.theta.reduce((a, b) => a + b)).to.be.closeTo(0, 1e-10);
  });

  it("the other side first: the same abilities, the order turned round; relabelled items, relabelled abilities", () => {
    const data = season(key(5), [0.5, 0, -0.5], 0.4, 20);
    const found = orderEffect.fit(data);
    const turned = orderEffect.fit({ ...data, winnerFirst: Array.from(data.winnerFirst!, (first) => 1 - first) });
    close(turned.theta, found.theta, 1e-8);
    expect(turned.order).to.be.closeTo(-found.order, 1e-8);
    const flip = (column: Int32Array) => column.map((i) => 2 - i);
    const other = orderEffect.fit({ ...data, winner: flip(data.winner), loser: flip(data.loser) });
    close(other.theta, [...found.theta].reverse(), 1e-8);
  });

  it("the test: uniform p-values without an effect, small ones with it, and the estimate is right on average", () => {
    const theta = [0.6, 0.2, -0.2, -0.6];
    let rejected = 0;
    const seasons = 400;
    for (const k of split(key(11), seasons)) if (orderEffect.test(season(k, theta, 0, 15)).pValue < 0.1) rejected++;
    // Binomial(400, 0.1) lies in [22, 60] with probability 0.999.
    expect(rejected).to.be.within(22, 60);
    const strong = season(key(12), theta, 0.5, 100);
    expect(orderEffect.test(strong).pValue).to.be.below(1e-6);
    const { order, orderError } = orderEffect.fit(strong);
    expect(Math.abs(order - 0.5)).to.be.below(3.5 * orderError);
  });

  it("bad inputs", () => {
    const pairs: [number, number][] = [
      [0, 1],
      [1, 2],
      [2, 0],
    ];
    const data = comparisonsFromPairs(pairs);
    expect(() => orderEffect.fit(data)).to.throw(ShapeError, "winnerFirst");
    expect(() => orderEffect.fit({ ...data, winnerFirst: [1] })).to.throw(ShapeError, "winnerFirst");
    expect(() => orderEffect.fit({ ...data, winnerFirst: [1, 1, 1] })).to.throw(ConvergenceError, "Order effect");
    expect(() => orderEffect.fit({ ...comparisonsFromPairs([[0, 1]]), winnerFirst: [1] })).to.throw(
      ConvergenceError,
      "item 0 never lost",
    );
    // Item 0 always first: the order and its ability cannot be told apart.
    const same = {
      ...comparisonsFromPairs([
        [0, 1],
        [1, 0],
      ]),
      winnerFirst: [1, 0],
    };
    expect(() => orderEffect.fit(same)).to.throw(DomainError, "cannot be told apart");
    const found = orderEffect.fit(
      {
        ...comparisonsFromPairs([
          [0, 1],
          [2, 1],
          [1, 0],
        ]),
        winnerFirst: [1, 0, 1],
      },
      { deviation: 1 },
    );
    expect(found.theta.every(Number.isFinite)).to.equal(true);
  });
});

describe("Likelihood-ratio test", () => {
  it("abilities against none: two items' closed form", () => {
    const wins = comparisonsFromWins([
      [0, 30],
      [10, 0],
    ]);
    const equal = { logLikelihood: 40 * Math.log(0.5) };
    const { statistic, pValue } = likelihoodRatioTest(equal, bradleyTerry.fit(wins), 1);
    expect(statistic).to.be.closeTo(2 * (30 * Math.log(0.75) + 10 * Math.log(0.25) - 40 * Math.log(0.5)), 1e-9);
    expect(pValue).to.be.within(0.001, 0.0015);
  });

  it("with ties: Davidson against equal abilities, whose tie strength has a closed form", () => {
    const wins = comparisonsFromWins([
      [0, 14, 20],
      [6, 0, 15],
      [4, 7, 0],
    ]);
    const ties = comparisonsFromPairs(
      [
        [0, 1],
        [0, 2],
        [1, 2],
      ],
      { weight: [10, 6, 8] },
    );
    const [decided, tied] = [66, 24];
    // Equals: P(win) = (1 - t) / 2, P(tie) = t, t the share of ties.
    const t = tied / (decided + tied);
    const logEqual = decided * Math.log((1 - t) / 2) + tied * Math.log(t);
    const nu = (2 * t) / (1 - t);
    expect(davidson.logLikelihood([0, 0, 0], nu, wins, ties)).to.be.closeTo(logEqual, 1e-9);
    const full = davidson.fit(wins, ties);
    const { statistic, degrees, pValue } = likelihoodRatioTest({ logLikelihood: logEqual }, full, 2);
    expect(statistic).to.be.above(5.99);
    expect(degrees).to.equal(2);
    expect(pValue).to.be.below(0.05);
  });

  it("refuses models that are not nested, and no degrees", () => {
    const [low, high] = [{ logLikelihood: -10 }, { logLikelihood: -9 }];
    expect(() => likelihoodRatioTest(high, low, 1)).to.throw(DomainError, "maximum-likelihood");
    expect(() => likelihoodRatioTest(low, { logLikelihood: Number.NaN }, 1)).to.throw(DomainError);
    expect(() => likelihoodRatioTest(low, high, 0)).to.throw(DomainError, "degrees");
    expect(likelihoodRatioTest(low, low, 1)).to.deep.equal({ statistic: 0, degrees: 1, pValue: 1 });
  });
});
