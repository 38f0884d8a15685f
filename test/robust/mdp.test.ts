import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import {
  deterministicPolicy,
  optimalPolicy,
  policyValue,
  randomMdp,
  type TabularMdp,
  tabularMdp,
  uniformPolicy,
  valueIteration,
} from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import {
  intervalSet,
  intervalWorst,
  klBallWorst,
  l1Set,
  l1Worst,
  neighbours,
  robustValueIteration,
  successors,
  type WorstNext,
  worstCaseValue,
} from "../../lib/src/robust/index.js";
import { robustStrait } from "../../lib/src/worlds/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/robust.json", import.meta.url), "utf8"));
const { robot } = golden.find((entry: { robot?: object }) => entry.robot);

/**
 * PRISM's robot: 0 east .6:1 .4:0, south .8:3 .1:1 .1:4; 1 east [.8, .9]:2 [.1, .2]:1, south [p, q]:4 [1 - q, 1 - p]:2;
 * 2 and 3 stay; 4 east 5, west .6:3 .4:4;
 * 5 north .9:2 .1:5, west 4. After the ends comes a state of its own, 6. Its discount of 1 is nearly so here.
 */
function prismRobot(p: number, q: number, ends: number[], each: number, arriving: number) {
  const [states, actions] = [7, 2];
  const low = new Float64Array(states * actions * states);
  const high = new Float64Array(states * actions * states);
  const set = (pair: number, next: number, from: number, to = from) => {
    low[pair * states + next] = from;
    high[pair * states + next] = to;
  };
  const rows: [number, number, number, number?][] = [
    ...([
      [0, 1, 0.6],
      [0, 0, 0.4],
      [1, 3, 0.8],
      [1, 1, 0.1],
      [1, 4, 0.1],
    ] as [number, number, number][]),
    ...([
      [2, 2, 0.8, 0.9],
      [2, 1, 0.1, 0.2],
      [3, 4, p, q],
      [3, 2, 1 - q, 1 - p],
    ] as [number, number, number, number][]),
    ...([
      [4, 2, 1],
      [5, 2, 1],
      [6, 3, 1],
      [7, 3, 1],
    ] as [number, number, number][]),
    ...([
      [8, 5, 1],
      [9, 3, 0.6],
      [9, 4, 0.4],
      [10, 2, 0.9],
      [10, 5, 0.1],
      [11, 4, 1],
    ] as [number, number, number][]),
  ];
  const last: typeof rows = [
    [12, 6, 1],
    [13, 6, 1],
  ];
  for (const [pair, next, from, to] of [...rows, ...last]) set(pair, next, from, to);
  const rewards = new Float64Array(states * actions).fill(each);
  rewards.fill(0, 12);
  for (const end of ends) {
    for (const pair of [2 * end, 2 * end + 1]) {
      low.fill(0, pair * states, (pair + 1) * states);
      high.fill(0, pair * states, (pair + 1) * states);
      set(pair, 6, 1);
      rewards[pair] = arriving;
    }
  }
  // Any distribution within the intervals does for the nominal one.
  const transitions = low.slice();
  for (let pair = 0; pair < states * actions; pair++) {
    const [a, b] = [
      low.subarray(pair * states, (pair + 1) * states),
      high.subarray(pair * states, (pair + 1) * states),
    ];
    transitions.set(intervalWorst(a, b, new Float64Array(states)).q, pair * states);
  }
  const discount = 1 - 1e-9;
  return { mdp: tabularMdp({ states, actions, transitions, rewards, discount }), low, high };
}

/** Nature that helps within the intervals. */
const helping =
  (low: Float64Array, high: Float64Array): WorstNext =>
  (value) => {
    const worst = intervalSet(low, high)(value.map((v) => -v));
    return (p, pair) => -worst(p, pair);
  };

describe("robust Markov decision processes", () => {
  it("PRISM's robot: the greatest probability of coming to 5, whatever nature does", () => {
    for (const d of [0, 0.1, 0.2, 0.5]) {
      const [p, q] = [0.5 - d, 0.5 + d];
      const { mdp, low, high } = prismRobot(p, q, [5], 0, 1);
      const at = (worst: WorstNext) => robustValueIteration(mdp, worst).value[0];
      expect(at(intervalSet(low, high)), `worst, ${d}`).to.be.closeTo(Math.max(p, 0.1 + 0.1 * p), 1e-6);
      expect(at(helping(low, high)), `best, ${d}`).to.be.closeTo(q, 1e-6);
    }
  });

  it("PRISM's robot: the least expected steps, nature helping and hindering", () => {
    for (const d of [0, 0.1, 0.4]) {
      const p = 0.5 - d;
      const three = prismRobot(p, 0.5 + d, [2, 3, 5], -1, 0);
      const steps = (worst: WorstNext, mdp: TabularMdp) => -robustValueIteration(mdp, worst).value[0];
      expect(steps(helping(three.low, three.high), three.mdp)).to.be.closeTo(Math.min(109 / 90, 1.2 + p / 10), 1e-6);
      expect(steps(intervalSet(three.low, three.high), three.mdp)).to.be.closeTo(
        robot.stepsToTwoThreeFive.hindering,
        1e-6,
      );
    }
    const two = prismRobot(0.4, 0.6, [2, 3], -1, 0);
    const value = -robustValueIteration(two.mdp, intervalSet(two.low, two.high)).value[0];
    expect(value).to.be.closeTo(robot.stepsToTwoThree.hindering, 1e-6);
  });

  it("is value iteration at radius 0, and hopes for the least state alone at radius 2", () => {
    const mdp = randomMdp(key(1), { states: 12, actions: 3, discount: 0.8 });
    const nominal = robustValueIteration(mdp, l1Set(0));
    valueIteration(mdp).value.forEach((v, s) => {
      expect(nominal.value[s]).to.be.closeTo(v, 1e-8);
    });
    expect(nominal.choice).to.deep.equal(optimalPolicy(mdp).choice);
    const all = robustValueIteration(mdp, l1Set(Number.POSITIVE_INFINITY));
    const best = Array.from({ length: 12 }, (_, s) => Math.max(...mdp.rewards.subarray(3 * s, 3 * s + 3)));
    const least = Math.min(...best) / (1 - 0.8);
    best.forEach((r, s) => {
      expect(all.value[s]).to.be.closeTo(r + 0.8 * least, 1e-8);
    });
  });

  it("takes the first of equal actions, also when another one was best for a while", () => {
    // From 0: now 1 for action 1, or by way of state 1 two, one step later, at half.
    const [to1, to2] = [
      [0, 1, 0],
      [0, 0, 1],
    ];
    const transitions = [to1, to2, to2, to2, to2, to2].flat();
    const mdp = tabularMdp({ states: 3, actions: 2, transitions, rewards: [0, 1, 2, 0, 0, 0], discount: 0.5 });
    expect(Array.from(robustValueIteration(mdp, l1Set(0)).choice)).to.deep.equal([0, 0, 0]);
  });

  it("leaves out only pairs that cannot be best: the values of plain sweeps, one by one (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, radius) => {
        const [states, actions] = [7, 4];
        const mdp = randomMdp(key(seed), { states, actions, discount: 0.9, branching: 4 });
        let asked = 0;
        const counting: WorstNext = (value) => {
          const least = l1Set(radius)(value);
          return (p, pair) => {
            asked++;
            return least(p, pair);
          };
        };
        const { value, sweeps } = robustValueIteration(mdp, counting);
        let plain = new Float64Array(states);
        for (let sweep = 0; sweep < sweeps; sweep++) {
          const least = l1Set(radius)(plain);
          plain = plain.map((_, s) => {
            const own = Array.from({ length: actions }, (_, a) => {
              const pair = s * actions + a;
              return (
                mdp.rewards[pair] + 0.9 * least(mdp.transitions.subarray(pair * states, (pair + 1) * states), pair)
              );
            });
            return Math.max(...own);
          });
        }
        expect(value).to.deep.equal(plain);
        expect(asked).to.be.below((sweeps * states * actions) / 2);
      }),
    );
  });

  it("is the best of all policies' worst cases, by enumeration, and a saddle point for nature (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0.05, max: 1.5, noNaN: true }), (seed, radius) => {
        const mdp = randomMdp(key(seed), { states: 3, actions: 2, discount: 0.7 });
        const worst = l1Set(radius);
        const { value, policy } = robustValueIteration(mdp, worst);
        const own = worstCaseValue(mdp, policy, worst);
        for (let code = 0; code < 8; code++) {
          const other = deterministicPolicy(mdp, [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
          expect(worstCaseValue(mdp, other, worst).every((v, s) => v < value[s] + 1e-8)).to.equal(true);
        }
        // Nature's answer as a world of its own: there the policy earns exactly what was promised.
        const transitions = Array.from({ length: 6 }, (_, pair) =>
          Array.from(l1Worst(mdp.transitions.subarray(3 * pair, 3 * pair + 3), value, radius).q),
        ).flat();
        policyValue(tabularMdp({ ...mdp, transitions }), policy).forEach((v, s) => {
          expect(v).to.be.closeTo(value[s], 1e-7);
          expect(own[s]).to.be.closeTo(value[s], 1e-8);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("l1Set is l1Worst, row by row, also among some states only (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 2.5, noNaN: true }), (seed, radius) => {
        const mdp = randomMdp(key(seed), { states: 6, actions: 2, discount: 0.7, branching: 3 });
        const value = valueIteration(mdp).value.map((v, s) => (s === 4 ? 0 : v));
        for (const possible of [undefined, successors(mdp), neighbours(mdp)]) {
          const least = l1Set(radius, { possible })(value);
          for (let pair = 0; pair < 12; pair++) {
            const p = mdp.transitions.subarray(6 * pair, 6 * pair + 6);
            const among = Array.from(possible?.[pair] ?? [0, 1, 2, 3, 4, 5]);
            const mass = among.map((s) => p[s]);
            const wanted = l1Worst(
              mass,
              among.map((s) => value[s]),
              radius,
            ).value;
            expect(least(p, pair)).to.be.closeTo(wanted, 1e-12);
          }
        }
      }),
    );
  });

  it("takes sets of one's own: a KL ball", () => {
    const mdp = randomMdp(key(3), { states: 6, actions: 2, discount: 0.7 });
    const kl = (rho: number) =>
      robustValueIteration(
        mdp,
        (value) => (p) =>
          -klBallWorst(
            value.map((v) => -v),
            p,
            rho,
          ).value,
      ).value;
    const [none, small, large] = [kl(0), kl(0.1), kl(Number.POSITIVE_INFINITY)];
    valueIteration(mdp).value.forEach((v, s) => {
      expect(none[s]).to.be.closeTo(v, 1e-8);
      expect(none[s]).to.be.above(small[s]);
      expect(small[s]).to.be.above(large[s]);
    });
  });

  it("worst cases scale with the rewards (property)", () => {
    const mdp = randomMdp(key(4), { states: 5, actions: 2, discount: 0.9 });
    const policy = uniformPolicy(mdp);
    const value = worstCaseValue(mdp, policy, l1Set(0.3));
    for (const scale of [1e-8, 1e8]) {
      const scaled = worstCaseValue({ ...mdp, rewards: mdp.rewards.map((r) => scale * r) }, policy, l1Set(0.3));
      scaled.forEach((v, s) => {
        expect(v / scale).to.be.closeTo(value[s], 1e-6 * Math.abs(value[s]));
      });
    }
  });

  it("refuse what they cannot read", () => {
    const mdp = randomMdp(key(1), { states: 3, actions: 2, discount: 0.5 });
    expect(() => l1Set(-1)).to.throw(DomainError, "radius");
    expect(() => l1Set(Number.NaN)).to.throw(DomainError, "radius");
    const nowhere = Array.from({ length: 6 }, () => [0]);
    expect(() => robustValueIteration(mdp, l1Set(0.1, { possible: nowhere }))).to.throw(DomainError, "possible[");
    expect(() => worstCaseValue(mdp, new Float64Array(5), l1Set(0))).to.throw(ShapeError, "policy");
    expect(() => worstCaseValue(mdp, new Float64Array(6), l1Set(0))).to.throw(DomainError, "policy in state 0");
    expect(() => robustValueIteration(mdp, l1Set(0), { tolerance: 0 })).to.throw(DomainError, "tolerance");
    const tooHigh = new Float64Array(18).fill(0.5);
    expect(() => robustValueIteration(mdp, intervalSet(tooHigh, tooHigh))).to.throw(InfeasibleError, "low ends");
    expect(() => robustValueIteration(mdp, intervalSet(new Float64Array(4), new Float64Array(4)))).to.throw(ShapeError);
    expect(() => intervalSet(new Float64Array(4), new Float64Array(5))).to.throw(ShapeError, "high");
  });
});

describe("the strait under a current that nobody knows", () => {
  it("xi .4: .068 guaranteed against -.055, for .418 against .455 as charted", () => {
    const { optimal, robust } = robustStrait(0.4);
    expect(robust.worst).to.be.closeTo(0.0677, 5e-5);
    expect(optimal.worst).to.be.closeTo(-0.0548, 5e-5);
    expect(robust.nominal).to.be.closeTo(0.4183, 5e-5);
    expect(optimal.nominal).to.be.closeTo(0.4551, 5e-5);
    // If the slip really is .4, half of it to either side.
    expect(robust.slipping[3]).to.be.closeTo(0.2142, 5e-5);
    expect(optimal.slipping[3]).to.be.closeTo(0.1719, 5e-5);
    // Rectangularity is pessimism: under any common slip up to .3 it earns far more than promised.
    expect(Math.min(...robust.slipping.slice(0, 3))).to.be.closeTo(0.2973, 5e-5);
  });

  it("xi 0 is the charted optimum; at xi .8 it does not leave for the harbour", () => {
    const same = robustStrait(0);
    expect(same.robust.worst).to.be.closeTo(same.optimal.nominal, 1e-8);
    expect(same.optimal.worst).to.be.closeTo(same.optimal.nominal, 1e-8);
    expect(robustStrait(0.8).robust.nominal).to.be.closeTo(0.0002, 5e-5);
  });
});
