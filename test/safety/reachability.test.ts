import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  policyReturn,
  qLearningCurve,
  randomMdp,
  tabularMdp,
  uniformPolicy,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { key, uniform } from "../../lib/src/random/index.js";
import {
  latticeKernel,
  latticeOf,
  parabola,
  reachabilityValue,
  shieldPolicy,
  viabilityKernel,
} from "../../lib/src/safety/index.js";
import { randomRelu, strait, straitLearner } from "../../lib/src/worlds/index.js";

describe("viabilityKernel", () => {
  it("of the strait: 30 of 42 fields, 87 pairs, 2 rounds", () => {
    const { mdp, shoals } = strait();
    const { safe, allowed, rounds } = viabilityKernel(mdp, shoals);
    expect([safe.reduce((a, b) => a + b), allowed.reduce((a, b) => a + b), rounds]).to.deep.equal([30, 87, 2]);
  });

  it("is what enumerating all deterministic policies says: random processes", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const mdp = randomMdp(key(seed), { states: 5, actions: 2, discount: 0.9, branching: 2 });
      const bad = uniform(key(seed + 100), 5).map((u) => (u < 0.3 ? 1 : 0));
      const best = new Float64Array(5).fill(1);
      for (let code = 0; code < 32; code++) {
        const reach = Array.from(bad, (b) => b === 1);
        for (let round = 0; round < 5; round++) {
          for (let s = 0; s < 5; s++) {
            const row = (s * 2 + ((code >> s) & 1)) * 5;
            for (let t = 0; t < 5; t++) if (mdp.transitions[row + t] > 0 && reach[t]) reach[s] = true;
          }
        }
        reach.forEach((yes, s) => {
          if (!yes) best[s] = 0;
        });
      }
      expect(Array.from(viabilityKernel(mdp, bad).safe)).to.deep.equal(Array.from(best, (x) => 1 - x));
    }
  });

  it("may be empty, and may be all", () => {
    const mdp = tabularMdp({ states: 2, actions: 1, transitions: [0, 1, 0, 1], rewards: [0, 0], discount: 0.9 });
    expect(Array.from(viabilityKernel(mdp, [0, 1]).safe)).to.deep.equal([0, 0]);
    expect(Array.from(viabilityKernel(mdp, [0, 0]).safe)).to.deep.equal([1, 1]);
    expect(() => viabilityKernel(mdp, [1])).to.throw(ShapeError, "bad");
  });
});

describe("shieldPolicy", () => {
  it("keeps what is allowed in proportion, and is never in a shoal", () => {
    const { mdp, cost, shoals } = strait();
    const shielded = shieldPolicy(mdp, uniformPolicy(mdp), viabilityKernel(mdp, shoals).allowed);
    expect(policyReturn(withRewards(mdp, cost), shielded)).to.equal(0);
    const one = tabularMdp({ states: 1, actions: 3, transitions: [1, 1, 1], rewards: [0, 0, 0], discount: 0.9 });
    expect(Array.from(shieldPolicy(one, Float64Array.of(0.5, 0.3, 0.2), [0, 1, 1]))).to.deep.equal([0, 0.6, 0.4]);
    expect(Array.from(shieldPolicy(one, Float64Array.of(1, 0, 0), [0, 1, 1]))).to.deep.equal([0, 0.5, 0.5]);
    expect(Array.from(shieldPolicy(one, Float64Array.of(1, 0, 0), [0, 0, 0]))).to.deep.equal([1, 0, 0]);
  });
});

describe("the lattice", () => {
  it("has the parabola for its kernel, state by state, and its value exactly", () => {
    for (const [dt, count, of, rounds] of [
      [0.1, 10_701, 16_441, 21],
      [0.05, 85_401, 129_681, 41],
    ]) {
      const lattice = latticeOf(dt);
      const kernel = latticeKernel(lattice);
      expect([kernel.count, kernel.safe.length, kernel.rounds]).to.deep.equal([count, of, rounds]);
      const { values } = reachabilityValue(lattice);
      let at = 0;
      for (let k = -lattice.speeds; k <= lattice.speeds; k++) {
        for (let i = -lattice.places; i <= lattice.places; i++, at++) {
          const exact = parabola(lattice, i, k);
          if (exact >= 0 !== (kernel.safe[at] === 1)) throw new Error(`kernel at ${i}, ${k}`);
          if (exact >= 0 ? values[at] !== exact : values[at] >= 0) throw new Error(`value at ${i}, ${k}`);
        }
      }
    }
  });

  it("refuses half places", () => {
    expect(() => latticeKernel({ places: 1.5, speeds: 2 })).to.throw(DomainError, "places");
    expect(() => reachabilityValue({ places: 5, speeds: 0 })).to.throw(DomainError, "speeds");
  });
});

describe("straitLearner", () => {
  it("enters many shoals plainly, fewer with a penalty, none behind the shield", () => {
    const [plain, fined, shielded] = [{}, { penalty: 1 }, { shield: true }].map((o) => straitLearner(key(1), o));
    expect(plain.shoals).to.be.above(500);
    expect(fined.shoals).to.be.within(20, 400);
    expect(shielded.shoals).to.equal(0);
    expect(shielded.curve).to.have.length(30);
    expect(() => straitLearner(key(1), { penalty: -1 })).to.throw(DomainError, "penalty");
  });
});

describe("qLearningCurve behind a shield", () => {
  const { mdp, shoals } = strait();
  const options = { episodes: 20, horizon: 50, rate: 0.1, explore: 0.5 };

  it("with everything allowed is what it is without a shield; entries count every step", () => {
    const [plain, open] = [undefined, new Uint8Array(168).fill(1)].map((allowed) =>
      qLearningCurve(key(4), mdp, mdp, { ...options, allowed }),
    );
    expect(Array.from(open.Q)).to.deep.equal(Array.from(plain.Q));
    const steps = plain.entries.reduce((a, b) => a + b);
    expect(steps).to.be.within(500, 1000); // 20 voyages of at most 50 moves
  });

  it("tries nothing that is forbidden, however much it explores", () => {
    const { allowed } = viabilityKernel(mdp, shoals);
    const { Q, entries } = qLearningCurve(key(5), mdp, mdp, { ...options, explore: 1, allowed });
    expect(entries.reduce((sum, n, s) => sum + n * shoals[s], 0)).to.equal(0);
    Q.forEach((q, pair) => {
      if (allowed[pair] === 0) expect(q).to.equal(0);
    });
    expect(() => qLearningCurve(key(5), mdp, mdp, { ...options, allowed: [1] })).to.throw(ShapeError, "allowed");
  });
});

describe("randomRelu", () => {
  it("has the widths asked for, and weights of variance 2 / inputs", () => {
    const network = randomRelu(key(1), [50, 40, 1]);
    expect(network.map(({ weights, bias }) => [weights.length, weights[0].length, bias?.length])).to.deep.equal([
      [40, 50, 40],
      [1, 40, 1],
    ]);
    const squares = network[0].weights.reduce(
      (sum, row) => sum + Array.from(row).reduce((all, w) => all + w * w, 0),
      0,
    );
    expect(squares / 2000).to.be.closeTo(2 / 50, 0.005); // four standard errors
    expect(() => randomRelu(key(1), [3])).to.throw(ShapeError, "widths");
    expect(() => randomRelu(key(1), [3, 0])).to.throw(DomainError, "widths[1]");
  });
});
