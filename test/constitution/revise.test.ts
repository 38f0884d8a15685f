import { expect } from "chai";
import fc from "fast-check";
import { critiqueChain, minimalUnsatisfiable, reviseMap } from "../../lib/src/constitution/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";

describe("critique and revision", () => {
  it("ends as following each item by hand says (property)", () => {
    const maps = fc
      .integer({ min: 1, max: 9 })
      .chain((n) =>
        fc.tuple(
          fc.array(fc.integer({ min: -1, max: n - 1 }), { minLength: n, maxLength: n }),
          fc.array(fc.boolean(), { minLength: n, maxLength: n }),
        ),
      );
    fc.assert(
      fc.property(maps, ([next, good]) => {
        const satisfied = next.map((to, i) => to === -1 && good[i]);
        const { ends, rounds, cycles } = reviseMap(next, satisfied);
        next.forEach((_, i) => {
          const seen: number[] = [];
          let at = i;
          while (at >= 0 && !seen.includes(at)) {
            seen.push(at);
            at = next[at];
          }
          const last = seen.at(-1) as number;
          expect(ends[i]).to.equal(at >= 0 ? "cycling" : satisfied[last] ? "satisfied" : "stuck");
          expect(rounds[i]).to.equal(at >= 0 ? seen.indexOf(at) : seen.length - 1);
          if (at >= 0) expect(cycles.filter((cycle) => cycle.includes(at))).to.have.length(1);
        });
        for (const cycle of cycles) {
          expect(cycle[0]).to.equal(Math.min(...cycle));
          cycle.forEach((item, i) => {
            expect(next[item]).to.equal(cycle[(i + 1) % cycle.length]);
          });
        }
      }),
    );
  });

  it("refuses maps that lead nowhere and items that are fine and revised", () => {
    expect(() => reviseMap([3], [0])).to.throw(DomainError, "next[0]");
    expect(() => reviseMap([0, 0], [0])).to.throw(ShapeError, "satisfied");
    expect(() => reviseMap([1, -1], [1, 1])).to.throw(DomainError, "satisfied");
    expect(reviseMap([0], [0]).cycles).to.deep.equal([[0]]);
  });

  it("as a chain goes to eps / (q r + eps), at the rate 1 - q r - eps", () => {
    const { violations, limit } = critiqueChain(0.9, { detection: 0.8, repair: 0.5, breakage: 0.05 }, 60);
    expect(limit).to.be.closeTo(0.05 / 0.45, 1e-12);
    for (const k of [1, 7, 30]) expect(violations[k] - limit).to.be.closeTo((0.9 - limit) * 0.55 ** k, 1e-12);
    expect(critiqueChain(0.3, { detection: 0, repair: 1, breakage: 0 }, 2).limit).to.equal(0.3);
    expect([...critiqueChain(1, { detection: 1, repair: 1, breakage: 1 }, 2).violations]).to.deep.equal([1, 0, 1]);
    expect(() => critiqueChain(1.1, { detection: 1, repair: 1, breakage: 0 }, 1)).to.throw(DomainError, "start");
    expect(() => critiqueChain(1, { detection: 1, repair: 1, breakage: Number.NaN }, 1)).to.throw(DomainError);
    expect(() => critiqueChain(1, { detection: 1, repair: 1, breakage: 0 }, -1)).to.throw(DomainError, "rounds");
  });
});

describe("contradictions", () => {
  it("are minimal, and all of them (property)", () => {
    const tables = fc
      .integer({ min: 1, max: 4 })
      .chain((k) => fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), { minLength: k, maxLength: k }));
    fc.assert(
      fc.property(tables, (holds) => {
        const possible = (set: number[]) => holds[0].some((_, y) => set.every((i) => holds[i][y]));
        const sets = Array.from({ length: 2 ** holds.length - 1 }, (_, s) =>
          holds.flatMap((_row, i) => ((s + 1) & (1 << i) ? [i] : [])),
        );
        const want = sets.filter(
          (set) => !possible(set) && set.every((i) => set.length === 1 || possible(set.filter((j) => j !== i))),
        );
        const text = (list: number[][]) => list.map((set) => set.join()).sort();
        expect(text(minimalUnsatisfiable(holds))).to.deep.equal(text(want));
      }),
    );
    expect(
      minimalUnsatisfiable([
        [1, 0],
        [1, 1],
      ]),
    ).to.deep.equal([]);
    expect(minimalUnsatisfiable([[0], [1]])).to.deep.equal([[0]]);
    expect(() => minimalUnsatisfiable([])).to.throw(DomainError);
    expect(() => minimalUnsatisfiable([[1], [1, 0]])).to.throw(ShapeError, "holds[1]");
  });
});
