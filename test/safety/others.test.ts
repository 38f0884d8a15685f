import { expect } from "chai";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { tabularMdp } from "../../lib/src/mdp/index.js";
import { foldIn, key, uniform } from "../../lib/src/random/index.js";
import {
  type Automaton,
  maxReachability,
  mixtureUnderLimit,
  productMdp,
  safeBanditRun,
  scenarioCount,
  scenarioRisk,
  scenarioSimpleCount,
} from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";
import { golden } from "./golden.js";

describe("the scenario bound", () => {
  it("gives Wilks' counts, Campi and Garatti's, and the simple bound", () => {
    const wilks = golden<{ counts: number[] }>("Samples so that").counts;
    expect([1, 2].map((dimensions) => scenarioCount({ dimensions, epsilon: 0.05, delta: 0.05 }))).to.deep.equal(wilks);
    const { exact, simple } = golden<{ exact: number; simple: number }>("Scenario counts");
    expect(scenarioCount({ dimensions: 10, epsilon: 0.05, delta: 1e-6 })).to.equal(exact);
    expect(scenarioSimpleCount({ dimensions: 10, epsilon: 0.05, delta: 1e-6 })).to.equal(simple);
  });

  it("is a binomial tail, and what an interval of samples does", () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    const sum = [0, 1, 2].reduce((s, i) => s + choose(20, i) * 0.1 ** i * 0.9 ** (20 - i), 0);
    expect(scenarioRisk({ samples: 20, dimensions: 3, epsilon: 0.1 })).to.be.closeTo(sum, 1e-12);
    let broken = 0;
    for (let run = 0; run < 4000; run++) {
      const u = uniform(foldIn(key(1), run), 93);
      const held = u.reduce((a, b) => Math.max(a, b)) - u.reduce((a, b) => Math.min(a, b));
      if (1 - held > 0.05) broken++;
    }
    // .0500 in theory; four standard errors of 4,000 runs are .014.
    expect(broken / 4000).to.be.closeTo(scenarioRisk({ samples: 93, dimensions: 2, epsilon: 0.05 }), 0.014);
  });

  it("refuses what is no level or no count", () => {
    for (const epsilon of [0, 1, Number.NaN]) {
      expect(() => scenarioCount({ dimensions: 2, epsilon, delta: 0.1 })).to.throw(DomainError, "epsilon");
    }
    expect(() => scenarioRisk({ samples: 1, dimensions: 2, epsilon: 0.1 })).to.throw(DomainError, "samples");
    expect(() => scenarioCount({ dimensions: 2, epsilon: 0.1, delta: 0 })).to.throw(DomainError, "delta");
  });
});

describe("rules about whole runs", () => {
  it("PRISM's robot: the greatest probability of a recurrence, and of one that avoids a field", () => {
    const { moves, recurrence, without1 } = golden<{
      moves: Record<string, Record<string, Record<string, number>>>;
      recurrence: number;
      without1: number;
    }>("A robot");
    const transitions = new Float64Array(6 * 2 * 6);
    for (const [s, actions] of Object.entries(moves)) {
      const rows = Object.values(actions);
      [0, 1].forEach((a) => {
        const row = rows[a] ?? rows[0] ?? { [s]: 1 };
        for (const [next, p] of Object.entries(row)) transitions[(Number(s) * 2 + a) * 6 + Number(next)] = p;
      });
    }
    const mdp = tabularMdp({ states: 6, actions: 2, transitions, rewards: new Float64Array(12), discount: 0.9 });
    // 4 and 5 can be walked between for ever: to see 5 again and again is to come there.
    const target = [0, 0, 0, 0, 1, 1];
    expect(maxReachability(mdp, target)[0]).to.be.closeTo(recurrence, 1e-9);
    expect(maxReachability(mdp, target, { avoid: [0, 1, 0, 0, 0, 0] })[0]).to.be.closeTo(without1, 1e-9);
    expect(maxReachability(mdp, target, { horizon: 0 })[0]).to.equal(0);
    expect(Array.from(maxReachability(mdp, [0, 0, 0, 0, 0, 0]))).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(() => maxReachability(mdp, [1])).to.throw(ShapeError, "target");
    expect(() => maxReachability(mdp, target, { horizon: -1 })).to.throw(DomainError, "horizon");
  });

  it("no shoal until A, then none until H: a table of deadlines", () => {
    const { within } = golden<{ within: [number, number][] }>("The strait with A");
    const world = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "......A", "......."] });
    // 0 on the way to A, 1 on the way to H, 2 arrived, 3 failed.
    const errand: Automaton = {
      states: 4,
      start: 0,
      next: (q, letter) =>
        q >= 2 ? q : letter === "~" ? 3 : q === 0 ? (letter === "A" ? 1 : 0) : letter === "H" ? 2 : 1,
    };
    const { mdp, mode } = productMdp(world.mdp, [...world.fields], errand);
    const target = mode.map((q) => (q === 2 ? 1 : 0));
    const start = world.start * 4;
    for (const [horizon, probability] of within) {
      expect(maxReachability(mdp, target, { horizon })[start]).to.be.closeTo(probability, 6e-5);
    }
    expect(maxReachability(mdp, target)[start]).to.be.closeTo(1, 1e-9);
    expect(mdp.start[start]).to.equal(1);
    expect(() => productMdp(world.mdp, ["~"], errand)).to.throw(ShapeError, "letters");
    expect(() => productMdp(world.mdp, [...world.fields], { ...errand, next: () => 4 })).to.throw(
      DomainError,
      "0 to 3",
    );
  });
});

describe("learning while safe", () => {
  const bandit = { rewards: [0.3, 0.6, 0.9], costs: [0.05, 0.3, 0.6], limit: 0.2, safe: 0 };

  it("the best mixture mixes two actions at most", () => {
    const mix = mixtureUnderLimit(bandit.rewards, bandit.costs, 0.2);
    [0.4, 0.6, 0].forEach((p, a) => {
      expect(mix[a]).to.be.closeTo(p, 1e-12);
    });
    expect(Array.from(mixtureUnderLimit([1, 2], [0, 0], 0.5))).to.deep.equal([0, 1]);
    expect(() => mixtureUnderLimit([1], [1], 0.5)).to.throw(InfeasibleError);
    expect(() => mixtureUnderLimit([1, 2], [1], 0.5)).to.throw(ShapeError);
  });

  it("a pessimist breaks no limit, an optimist for long, and the plug-in in between", () => {
    const end = (belief: "optimistic" | "plug-in" | "pessimistic", seed: number) =>
      safeBanditRun(key(seed), bandit, { rounds: 2000, belief }).violation[1999];
    for (let seed = 1; seed <= 5; seed++) {
      expect(end("pessimistic", seed)).to.equal(0);
      expect(end("optimistic", seed)).to.be.greaterThan(50);
      expect(end("plug-in", seed)).to.be.within(0, end("optimistic", seed));
    }
    expect(() => safeBanditRun(key(1), { ...bandit, safe: 2 }, { rounds: 1, belief: "plug-in" })).to.throw(
      DomainError,
      "safe",
    );
  });
});
