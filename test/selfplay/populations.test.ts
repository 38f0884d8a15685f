import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { mean } from "../../lib/src/numerics/index.js";
import { type Key, key, uniform } from "../../lib/src/random/index.js";
import {
  evolve,
  expectedNormalMaximum,
  exploit,
  type PopulationOptions,
  perturb,
  perturbByFactors,
  populationToy,
  takeover,
  tournamentSelection,
  trainPopulation,
} from "../../lib/src/selfplay/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/populations.json", import.meta.url), "utf8"));
const keys = Array.from({ length: 20 }, (_, i) => key(i + 1));

describe("population-based training", () => {
  const toy = populationToy();
  const best = (k = key(1), options: Partial<PopulationOptions> = {}) => {
    const workers = trainPopulation(k, { ...toy, steps: 200, every: 10, ...options });
    return Math.max(...workers.map(({ theta }) => toy.score(theta)));
  };
  const explore: PopulationOptions["explore"] = (k, h) => perturb(k, h, { noise: 0.1 });

  it("is the paper's toy: alone each worker reaches 1.2 - 0.81 and what is left of the other half", () => {
    const left = 0.9 * 0.98 ** 200;
    expect(best()).to.be.closeTo(1.2 - 0.81 - left * left, 1e-12);
    expect(best(key(1), { exploit: (w, s) => exploit(w, s, { ties: "keep" }) })).to.be.closeTo(0.3897, 1e-4);
    expect(best(key(1), { exploit: (w, s) => exploit(w, s, { copyHyper: true }) })).to.be.closeTo(0.3897, 1e-4);
    // Both shrink for half of the time, in turns.
    expect(best(key(1), { exploit: (w, s) => exploit(w, s) })).to.be.closeTo(1.1715, 1e-4);
  });

  it("needs both halves, over twenty keys", () => {
    const both = keys.map((k) => best(k, { explore, exploit: (w, s) => exploit(w, s, { ties: "keep" }) }));
    const exploring = keys.map((k) => best(k, { explore }));
    expect(Math.min(...both)).to.be.above(1.1);
    expect(mean(exploring)).to.be.within(0.9, 1.1);
  });

  it("by factors never moves an h of 0", () => {
    expect(Array.from(perturbByFactors(key(1), [0, 1, 2]))).to.satisfy(
      ([a, b, c]: number[]) => a === 0 && [0.8, 1.2].includes(b) && [1.6, 2.4].includes(c),
    );
    const seen = new Set(keys.map((k) => perturbByFactors(k, [1])[0]));
    expect(seen).to.deep.equal(new Set([0.8, 1.2]));
  });

  it("perturbs on both sides, and not below the bound", () => {
    const moved = perturb(key(2), new Float64Array(2000), { noise: 0.1 });
    expect(Math.min(...moved)).to.equal(0);
    expect(mean(moved)).to.be.closeTo(0.1 / Math.sqrt(2 * Math.PI), 0.005); // E max(z, 0)
    expect(mean(perturb(key(2), new Float64Array(2000).fill(5), { noise: 0.1 }))).to.be.closeTo(5, 0.01);
  });

  it("copies: no memory is shared, ties are as asked, and the given workers stay", () => {
    const workers = [toy.start[0], toy.start[1], toy.start[1]];
    const copies = exploit(workers, [1, 3, 2]);
    copies[1].theta[0] = 7;
    expect(copies[0].theta[0]).to.equal(0.9);
    expect(workers[1].theta[0]).to.equal(0.9);
    expect(Array.from(copies[0].hyper)).to.deep.equal([1, 0]);
    const tie = (ties: "copy" | "keep") =>
      exploit(
        [
          { theta: [1], hyper: [1] },
          { theta: [2], hyper: [2] },
        ],
        [5, 5],
        { ties },
      )[1].theta[0];
    expect([tie("copy"), tie("keep")]).to.deep.equal([1, 2]);
  });

  it("never makes the best worse by copying", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 }), (scores) => {
        const workers = scores.map((s, i) => ({ theta: [s], hyper: [i] }));
        for (const { theta } of exploit(workers, scores)) expect(theta[0]).to.equal(Math.max(...scores));
      }),
    );
  });

  it("refuses what it cannot use", () => {
    expect(() => exploit([], [])).to.throw(ShapeError, "workers");
    expect(() => exploit(toy.start, [1])).to.throw(ShapeError, "scores");
    expect(() => exploit(toy.start, [1, Number.NaN])).to.throw(DomainError, "scores[1]");
    expect(() => perturb(key(1), [1], { noise: -1 })).to.throw(DomainError, "noise");
    expect(() => best(key(1), { steps: 0 })).to.throw(DomainError, "steps");
    expect(() => best(key(1), { start: [] })).to.throw(ShapeError, "start");
  });
});

describe("tournaments", () => {
  it("select by the order of scores alone", () => {
    const scores = [0.1, 5, -3, 2];
    const options = { size: 3, winners: 500 };
    const chosen = tournamentSelection(key(1), scores, options);
    expect(
      tournamentSelection(
        key(1),
        scores.map((s) => Math.exp(10 * s) + 4),
        options,
      ),
    ).to.deep.equal(chosen);
    // P(the best of four wins) = 1 - (3/4)^3; three standard errors
    const share = chosen.filter((i) => i === 1).length / 500;
    expect(share).to.be.closeTo(takeover(0.25, { size: 3, generations: 1 })[1], 0.07);
    expect(tournamentSelection(key(1), [1, 1], { size: 1, winners: 200 })).to.include.members([0, 1]);
  });

  it("take over as the recursion says: at first `size` times as many each generation", () => {
    const shares = takeover(0.01, { size: 2, generations: 9 });
    expect(shares[1]).to.be.closeTo(0.0199, 1e-12);
    expect(shares[9]).to.be.closeTo(1 - 0.99 ** 512, 1e-12);
  });

  it("know by how much the best of n looks better than it is", () => {
    for (const [n, value] of Object.entries(golden[0].expectedNormalMaximum)) {
      expect(expectedNormalMaximum(Number(n))).to.be.closeTo(value as number, 6e-6);
    }
    expect(expectedNormalMaximum(1)).to.be.closeTo(0, 1e-12);
    expect(expectedNormalMaximum(2)).to.be.closeTo(1 / Math.sqrt(Math.PI), 1e-9);
  });

  it("refuse what they cannot use", () => {
    expect(() => tournamentSelection(key(1), [], { size: 1, winners: 1 })).to.throw(DomainError, "scores");
    expect(() => tournamentSelection(key(1), [Number.NaN], { size: 1, winners: 1 })).to.throw(DomainError, "scores[0]");
    expect(() => tournamentSelection(key(1), [1], { size: 0, winners: 1 })).to.throw(DomainError, "size");
    expect(() => takeover(1.5, { size: 2, generations: 1 })).to.throw(DomainError, "share");
    expect(() => expectedNormalMaximum(0)).to.throw(DomainError, "n");
  });
});

describe("evolution", () => {
  const start = Array.from({ length: 60 }, (_, i) => i % 12);
  const steps = { start, mutate: (k: Key, x: number) => x + (uniform(k, 1)[0] < 0.5 ? -1 : 1), generations: 30 };
  const peak = (x: number) => -Math.abs(x - 40);

  it("climbs by selection, and does not without", () => {
    const selected = evolve(key(1), { ...steps, fitness: peak, size: 3 });
    expect(mean(selected)).to.be.above(30); // half of the changes go the right way, one step each
    const idle = evolve(key(1), { ...steps, fitness: peak, size: 1 });
    expect(mean(idle)).to.be.within(2, 9);
  });

  it("without changes is a tournament alone: the best take over", () => {
    const last = evolve(key(2), { ...steps, fitness: peak, size: 3, change: 0 });
    expect(new Set(last)).to.deep.equal(new Set([11]));
  });

  it("shares among the near, so that more kinds live on", () => {
    const sharing = { distance: (a: number, b: number) => Math.abs(a - b), radius: 3, shift: 60 };
    const kinds = (options: object) =>
      new Set(evolve(key(3), { ...steps, fitness: peak, size: 3, change: 0.1, ...options })).size;
    expect(kinds({ sharing })).to.be.above(2 * kinds({}));
  });

  it("refuses what it cannot use", () => {
    expect(() => evolve(key(1), { ...steps, start: [], fitness: peak, size: 1 })).to.throw(DomainError, "start");
    expect(() => evolve(key(1), { ...steps, generations: 0, fitness: peak, size: 1 })).to.throw(
      DomainError,
      "generations",
    );
    expect(() => evolve(key(1), { ...steps, fitness: peak, size: 1, change: 2 })).to.throw(DomainError, "change");
    const sharing = { distance: () => 0, radius: 1, shift: 0 };
    expect(() => evolve(key(1), { ...steps, fitness: peak, size: 1, sharing })).to.throw(DomainError, "fitness[0]");
  });
});
