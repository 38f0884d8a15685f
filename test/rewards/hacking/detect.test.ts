// Detection, uncertainty, hackability and the bound for correlated proxies.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, foldIn, key, normal, ShapeError, split, uniform } from "rlhf-lab";
import { deterministicPolicy, occupancy, policyReturn, randomMdp, tabularMdp, withRewards } from "rlhf-lab/mdp";
import { chiSquareDivergence } from "rlhf-lab/policy";
import {
  auditStop,
  correlatedProxyBound,
  detectorAuc,
  featurePairs,
  hackability,
  linearReward,
  occupancyDirections,
  overestimationSet,
  posteriorSd,
  projectedReward,
} from "rlhf-lab/rewards";

const ln = (p: readonly number[]) => p.map(Math.log);

describe("detectors", () => {
  it("have the area that all pairs have, ties half, weights and all", () => {
    const weight = fc.integer({ min: 0, max: 3 });
    const row = fc.record({ score: fc.integer({ min: 0, max: 3 }), plus: weight, minus: weight });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 7 }), (rows) => {
        fc.pre(rows.some(({ plus }) => plus > 0) && rows.some(({ minus }) => minus > 0));
        let [won, all] = [0, 0];
        for (const a of rows) {
          for (const b of rows) {
            won += a.plus * b.minus * (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0);
            all += a.plus * b.minus;
          }
        }
        const list = (what: "score" | "plus" | "minus") => rows.map((r) => r[what]);
        const auc = detectorAuc(list("score"), list("plus"), list("minus"));
        expect(auc).to.be.closeTo(won / all, 1e-12);
        const swapped = detectorAuc(list("score"), list("minus"), list("plus"));
        expect(auc + swapped).to.be.closeTo(1, 1e-12);
        const stretched = detectorAuc(
          list("score").map((s) => Math.exp(s)),
          list("plus"),
          list("minus"),
        );
        expect(stretched).to.be.closeTo(auc, 1e-12);
      }),
    );
  });

  it("refuse groups that are none", () => {
    expect(() => detectorAuc([1, 2], [0, 0], [1, 1])).to.throw(DomainError, "positive");
    expect(() => detectorAuc([1, 2], [1, -1], [1, 1])).to.throw(DomainError, "at least 0");
    expect(() => detectorAuc([1, Number.NaN], [1, 1], [1, 1])).to.throw(DomainError, "a number");
    expect(() => detectorAuc([1, 2], [1], [1, 1])).to.throw(ShapeError);
  });

  it("need a zero: the overestimated are the same whatever constant the reward has", () => {
    const [ref, reward, utility] = [ln([0.5, 0.3, 0.2]), [1, 2, 6], [1, 2, 3]];
    const want = [false, false, true];
    expect(overestimationSet(ref, reward, utility, { threshold: 1.5 })).to.deep.equal(want);
    const moved = reward.map((r) => r + 40);
    expect(overestimationSet(ref, moved, utility, { threshold: 1.5 })).to.deep.equal(want);
    expect(() => overestimationSet(ref, reward, [1], { threshold: 1 })).to.throw(ShapeError);
    expect(() => overestimationSet(ref, reward, utility, { threshold: Number.NaN })).to.throw(DomainError);
  });

  it("an audit goes back to the best so far", () => {
    expect(auditStop([0, 1, 3, 2, 2.5, 4], { patience: 2 })).to.equal(2);
    expect(auditStop([0, 1, 3, 2, 2.5, 4], { patience: 3 })).to.equal(5);
    expect(auditStop([0, 1, 3, 2, 2.5, 4])).to.equal(5);
    expect(auditStop([5, 4])).to.equal(0);
    expect(() => auditStop([])).to.throw(DomainError);
    expect(() => auditStop([Number.NaN])).to.throw(DomainError);
    expect(() => auditStop([1], { patience: 0 })).to.throw(DomainError);
  });
});

describe("the posterior's deviation", () => {
  it("is the textbook's for a diagonal precision, and 0 at the reference's mean", () => {
    const sd = posteriorSd(
      [
        [1, 0],
        [0, 2],
        [1, 1],
      ],
      [
        [4, 0],
        [0, 1],
      ],
    );
    [0.5, 2, Math.sqrt(1.25)].forEach((want, y) => {
      expect(sd[y]).to.be.closeTo(want, 1e-12);
    });
    const centred = posteriorSd(
      [
        [1, 0],
        [1, 0],
      ],
      [
        [4, 0],
        [0, 1],
      ],
      { centre: ln([0.5, 0.5]) },
    );
    for (const own of centred) expect(own).to.be.closeTo(0, 1e-7);
  });

  it("shrinks with more comparisons, and is the spread of posterior draws", () => {
    const chosen = Array.from({ length: 40 }, (_, k) => Array.from(normal(foldIn(key(3), k), 3)));
    const rejected = Array.from({ length: 40 }, (_, k) => Array.from(normal(foldIn(key(4), k), 3)));
    const spread = (n: number) => {
      const pairs = featurePairs(chosen.slice(0, n), rejected.slice(0, n));
      const { theta } = linearReward.fit(pairs, { l2: 1 / n });
      return posteriorSd(
        [[1, 2, 0]],
        linearReward
          .hessian(theta, pairs, { l2: 1 / n })
          .clone()
          .mul(n),
      )[0];
    };
    expect(spread(40)).to.be.below(spread(10));
  });

  it("refuses what is no precision", () => {
    expect(() => posteriorSd([[1]], [[0]])).to.throw(DomainError, "positive definite");
    expect(() => posteriorSd([[1, 2]], [[1]])).to.throw(ShapeError, "features[0]");
    expect(() => posteriorSd([[1]], [[1]], { centre: [0, 0] })).to.throw(ShapeError, "centre");
    expect(() => posteriorSd([[1]], [[1, 2]])).to.throw(ShapeError, "square");
  });
});

describe("hackability", () => {
  const mdp = randomMdp(key(8), { states: 4, actions: 3, discount: 0.9 });
  const draw = (seed: number) => normal(key(seed), 12);
  const potential = normal(key(9), 4);
  const shaped = (r: ArrayLike<number>) =>
    Float64Array.from({ length: 12 }, (_, pair) => {
      const s = Math.floor(pair / 3);
      const next = potential.reduce((sum, phi, t) => sum + mdp.transitions[pair * 4 + t] * phi, 0);
      return r[pair] + 0.9 * next - potential[s];
    });

  it("finds shaping, scale and a constant equivalent, and no reward at all trivial", () => {
    const r = draw(1);
    const like = shaped(r).map((x) => 3 * x + 7);
    expect(hackability(mdp, r, like).relation).to.equal("equivalent");
    expect(hackability(mdp, r, new Float64Array(12).fill(2)).relation).to.equal("trivial");
    expect(hackability(mdp, shaped(new Float64Array(12)), r).relation).to.equal("trivial");
    const opposed = hackability(
      mdp,
      r,
      shaped(r).map((x) => -x),
    );
    expect(opposed.relation).to.equal("hackable");
    expect(opposed.cosine).to.be.closeTo(-1, 1e-9);
  });

  it("gives two policies that prove it", () => {
    for (let seed = 20; seed < 40; seed++) {
      const [r1, r2] = [draw(seed), draw(seed + 100)];
      const { relation, witness } = hackability(mdp, r1, r2);
      expect(relation).to.equal("hackable");
      if (witness === undefined) throw new Error("no witness");
      const value = (r: Float64Array, which: 0 | 1) => policyReturn(withRewards(mdp, r), witness[which]);
      expect(value(r1, 1)).to.be.above(value(r1, 0));
      expect(value(r2, 1)).to.be.below(value(r2, 0));
    }
  });

  it("the projection is orthogonal to the flow, and keeps all differences of returns", () => {
    const r = draw(2);
    const projected = projectedReward(mdp, r);
    const again = projectedReward(mdp, projected);
    for (let i = 0; i < 12; i++) expect(again[i]).to.be.closeTo(projected[i], 1e-10);
    const policies = [0, 1, 2].map((a) => occupancy(mdp, deterministicPolicy(mdp, [a, 2 - a, a, 0])));
    const value = (mu: Float64Array, own: Float64Array) => mu.reduce((sum, p, i) => sum + p * own[i], 0);
    const difference = (own: Float64Array) => value(policies[0], own) - value(policies[2], own);
    expect(difference(projected)).to.be.closeTo(difference(r), 1e-10);
  });

  it("the directions are orthonormal, as many as actions leave free, and span the projection", () => {
    const directions = occupancyDirections(mdp);
    expect(directions).to.have.length(8);
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);
    directions.forEach((a, i) => {
      directions.forEach((b, j) => {
        expect(dot(a, b)).to.be.closeTo(i === j ? 1 : 0, 1e-10);
      });
    });
    const r = draw(5);
    const projected = projectedReward(mdp, r);
    for (let i = 0; i < 12; i++) {
      const sum = directions.reduce((total, own) => total + dot(own, r) * own[i], 0);
      expect(sum).to.be.closeTo(projected[i], 1e-10);
    }
  });

  it("over deterministic policies of a three-armed bandit one random pair in six is unhackable", () => {
    let unhackable = 0;
    const trials = 6000;
    for (let i = 0; i < trials; i++) {
      const [a, b] = split(foldIn(key(12), i));
      const [x, y] = [uniform(a, 3), uniform(b, 3)];
      const alike = [
        [0, 1],
        [0, 2],
        [1, 2],
      ].every(([i, j]) => x[i] > x[j] === y[i] > y[j]);
      if (alike) unhackable++;
    }
    expect(Math.abs(unhackable / trials - 1 / 6)).to.be.below(4 * Math.sqrt(5 / 36 / trials));
    // Over all policies the same bandit is hackable, but for multiples.
    const bandit = tabularMdp({ states: 1, actions: 3, transitions: [1, 1, 1], rewards: [0, 0, 0], discount: 0.5 });
    expect(hackability(bandit, [0, 1, 2], [0, 1, 3]).relation).to.equal("hackable");
    expect(hackability(bandit, [0, 1, 2], [4, 6, 8]).relation).to.equal("equivalent");
  });

  it("refuses worlds with states that nobody reaches, and rewards that do not fit", () => {
    const island = tabularMdp({
      states: 2,
      actions: 1,
      transitions: [1, 0, 0, 1],
      rewards: [0, 0],
      discount: 0.5,
      start: [1, 0],
    });
    expect(() => hackability(island, [0, 1], [1, 0])).to.throw(DomainError, "state 1");
    expect(() => hackability(mdp, [1], draw(1))).to.throw(ShapeError);
    expect(() => projectedReward(mdp, new Float64Array(12).fill(Number.NaN))).to.throw(DomainError, "finite");
  });
});

describe("the bound for correlated proxies", () => {
  it("holds in random worlds, both forms, and the sharp one is never below the paper's", () => {
    let closest = Number.POSITIVE_INFINITY;
    for (let seed = 0; seed < 3000; seed++) {
      const [a, b, c, d] = split(foldIn(key(77), seed), 4);
      const N = 4;
      const distribution = (k: typeof a) => {
        const raw = uniform(k, N, 0.05, 1);
        const total = raw.reduce((x, y) => x + y);
        return raw.map((x) => x / total);
      };
      const [mu, pi] = [distribution(a), distribution(b)];
      const moments = (raw: Float64Array) => {
        const centre = raw.reduce((s, r, i) => s + mu[i] * r, 0);
        const sd = Math.sqrt(raw.reduce((s, r, i) => s + mu[i] * (r - centre) ** 2, 0));
        return raw.map((r) => (r - centre) / sd);
      };
      const [truth, proxy] = [moments(normal(c, N)), moments(normal(d, N))];
      const correlation = truth.reduce((s, r, i) => s + mu[i] * r * proxy[i], 0);
      if (correlation <= 0) continue;
      const gain = pi.reduce((s, p, i) => s + p * proxy[i], 0);
      const earned = pi.reduce((s, p, i) => s + p * truth[i], 0);
      const chiSquare = chiSquareDivergence(pi.map(Math.log), mu.map(Math.log));
      const { paper, sharp } = correlatedProxyBound({ correlation, gain, chiSquare });
      expect(earned).to.be.at.least(sharp - 1e-9);
      expect(sharp).to.be.at.least(paper - 1e-9);
      closest = Math.min(closest, earned - sharp);
    }
    expect(closest).to.be.below(0.02);
  });

  it("is attained by a policy in the span of both rewards", () => {
    // mu uniform on 3; orthonormal proxy and rest; pi / mu - 1 = a proxy - b rest.
    const proxy = [1, -1, 0].map((x) => x * Math.sqrt(3 / 2));
    const rest = [1, 1, -2].map((x) => x / Math.sqrt(2));
    const r = 0.6;
    const truth = proxy.map((p, i) => r * p + 0.8 * rest[i]);
    const weights = proxy.map((p, i) => 1 + 0.2 * p - 0.3 * rest[i]);
    const pi = weights.map((w) => w / 3);
    const chiSquare = chiSquareDivergence(ln(pi), ln([1 / 3, 1 / 3, 1 / 3]));
    const earned = pi.reduce((s, p, i) => s + p * truth[i], 0);
    expect(correlatedProxyBound({ correlation: r, gain: 0.2, chiSquare }).sharp).to.be.closeTo(earned, 1e-12);
  });

  it("refuses impossible worlds", () => {
    expect(() => correlatedProxyBound({ correlation: 0, gain: 1, chiSquare: 2 })).to.throw(DomainError);
    expect(() => correlatedProxyBound({ correlation: 0.5, gain: 2, chiSquare: 1 })).to.throw(DomainError, "Cauchy");
    expect(() => correlatedProxyBound({ correlation: 0.5, gain: Number.NaN, chiSquare: 1 })).to.throw(DomainError);
  });
});
