import { expect } from "chai";
import fc from "fast-check";
import {
  chebyshevChoice,
  distinctFront,
  dominates,
  epsilonConstraintChoice,
  hypervolume,
  hypervolumeContributions,
  invertedGenerationalDistance,
  invertedGenerationalDistancePlus,
  lexicographicChoice,
  paretoFront,
  paretoRanks,
  supportedPoints,
  weightedSumChoice,
} from "../../lib/src/constitution/index.js";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { key, uniform } from "../../lib/src/random/index.js";
import { golden } from "./golden.js";

/** Small tables of small whole numbers: ties and duplicates come up often. */
const tables = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 7 }))
  .chain(([k, n]) =>
    fc.array(fc.array(fc.integer({ min: -2, max: 3 }), { minLength: k, maxLength: k }), { minLength: n, maxLength: n }),
  );
const hand = [
  [1, 1],
  [1, 1],
  [2, 1],
  [0, 3],
  [2, 0],
];

describe("Pareto", () => {
  it("front, by hand: duplicates and points that are only weakly as good", () => {
    expect(paretoFront(hand)).to.deep.equal([2, 3]);
    expect(paretoFront([...hand, [2, 1]])).to.deep.equal([2, 3, 5]);
    expect([...paretoRanks(hand)]).to.deep.equal([1, 1, 0, 0, 1]);
    expect(dominates([1, 1], [1, 1])).to.equal(false);
    expect(dominates([1, 2], [1, 1])).to.equal(true);
    expect(dominates([2, 0], [1, 1])).to.equal(false);
  });

  it("distinct front: equal points once, the first objective rising", () => {
    expect(distinctFront([...hand, [2, 1]])).to.deep.equal([3, 2]);
    fc.assert(
      fc.property(tables, (table) => {
        const values = (places: number[]) => [...new Set(places.map((i) => table[i].join()))].sort();
        const once = distinctFront(table);
        expect(values(once)).to.deep.equal(values(paretoFront(table)));
        expect(values(once)).to.have.length(once.length);
        once.slice(1).forEach((i, k) => {
          expect(table[i][0]).to.be.at.least(table[once[k]][0]);
        });
      }),
    );
  });

  it("front is moocore's, with signs turned", () => {
    const { points, front } = golden<{ points: number[][]; front: number[] }>("Which points");
    expect(paretoFront(points.map((row) => row.map((x) => -x)))).to.deep.equal(front);
  });

  it("front is what the definition says; scale and shift do not matter (property)", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const direct = table.flatMap((row, i) => (table.some((other) => dominates(other, row)) ? [] : [i]));
        expect(paretoFront(table)).to.deep.equal(direct);
        expect(paretoFront(table.map((row) => row.map((x, j) => 1e3 * x + j - 7)))).to.deep.equal(direct);
      }),
    );
  });

  it("ranks: each front is dominated by the one before it (property)", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const ranks = paretoRanks(table);
        table.forEach((row, i) => {
          const above = table.flatMap((other, j) => (dominates(other, row) ? [ranks[j]] : []));
          expect(ranks[i]).to.equal(above.length === 0 ? 0 : 1 + Math.max(...above));
        });
      }),
    );
  });

  it("refuses tables that are none, in words", () => {
    expect(() => paretoFront([])).to.throw(DomainError, "at least one point");
    expect(() => paretoFront([[1, Number.NaN]])).to.throw(DomainError, "scores[0][1]");
    expect(() => paretoFront([[1, 2], [1]])).to.throw(ShapeError, "scores[1]");
    expect(() => paretoRanks([[]])).to.throw(DomainError, "objective");
    expect(() => dominates([1], [1, 2])).to.throw(ShapeError);
  });
});

/** The union of boxes by inclusion and exclusion: exponential, and plainly right. */
function byInclusion(points: readonly number[][], reference: readonly number[]): number {
  let sum = 0;
  for (let bits = 1; bits < 2 ** points.length; bits++) {
    const chosen = points.filter((_, i) => bits & (1 << i));
    const box = reference.reduce((volume, r, j) => volume * Math.max(0, Math.min(...chosen.map((p) => p[j])) - r), 1);
    sum += (chosen.length % 2 === 1 ? 1 : -1) * box;
  }
  return sum;
}

/** In three dimensions: between one height and the next, the area of all that reach it, each afresh. */
function bySlabs(points: readonly number[][], ground: number): number {
  const heights = [...new Set(points.map((point) => point[2]).filter((z) => z > ground)), ground].sort((a, b) => a - b);
  return heights.slice(1).reduce((sum, z, i) => {
    const reaching = points.filter((point) => point[2] >= z).map(([x, y]) => [x, y]);
    return sum + (z - heights[i]) * hypervolume(reaching, [0, 0]);
  }, 0);
}

describe("hypervolume", () => {
  it("is moocore's, below a reference and above one", () => {
    const { points, reference, minimised, contributions, maximised } = golden<{
      points: number[][];
      reference: number[];
      minimised: number;
      contributions: number[];
      maximised: number;
    }>("Hypervolume");
    const turned = points.map((row) => row.map((x) => -x));
    const above = reference.map((x) => -x);
    expect(hypervolume(turned, above)).to.equal(minimised);
    expect([...hypervolumeContributions(turned, above)]).to.deep.equal(contributions);
    expect(hypervolume(points, [0, 0])).to.equal(maximised);
  });

  it("is that of inclusion and exclusion in 1 to 4 dimensions (property)", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const reference = table[0].map(() => -1);
        expect(hypervolume(table, reference)).to.be.closeTo(byInclusion(table, reference), 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it("of up to 200 points in three dimensions is what slabs of areas add up to, ties and dominated points among them", () => {
    for (const [n, values] of [
      [200, 12],
      [200, 1e6],
      [60, 3],
    ]) {
      const draws = uniform(key(n + values), 3 * n).map((u) => Math.floor(values * u) / values);
      const points = Array.from({ length: n }, (_, i) => Array.from(draws.subarray(3 * i, 3 * i + 3)));
      expect(hypervolume(points, [0, 0, 0.1])).to.be.closeTo(bySlabs(points, 0.1), 1e-12);
      const front = points.map((point) => point.map((x) => (x + 0.01) / Math.hypot(...point.map((y) => y + 0.01))));
      expect(hypervolume(front, [0, 0, 0])).to.be.closeTo(bySlabs(front, 0), 1e-12);
    }
  });

  it("scales with its units, moves with its reference, and does not count what is dominated or beyond", () => {
    const points = [
      [1, 3, 2],
      [2, 2, 2],
      [3, 1, 1],
    ];
    const volume = hypervolume(points, [0, 0, 0]);
    expect(volume).to.be.closeTo(byInclusion(points, [0, 0, 0]), 1e-12);
    const moved = points.map(([x, y, z]) => [2 * x + 5, 3 * y, z - 1]);
    expect(hypervolume(moved, [5, 0, -1])).to.be.closeTo(6 * volume, 1e-12);
    expect(hypervolume([...points, [1, 1, 1], [9, -1, 9], [2, 2, 2]], [0, 0, 0])).to.equal(volume);
    expect(hypervolume([[1, 1]], [1, 0])).to.equal(0);
  });

  it("of 200 points on a sphere is near the octant's, in three and (60 points) five dimensions", () => {
    const onSphere = (n: number, k: number) => {
      const draws = uniform(key(5), n * k, 0.05, 1);
      return Array.from({ length: n }, (_, i) => {
        const row = Array.from(draws.slice(i * k, (i + 1) * k));
        const norm = Math.hypot(...row);
        return row.map((x) => x / norm);
      });
    };
    const three = hypervolume(onSphere(200, 3), [0, 0, 0]);
    expect(three).to.be.within(0.42, Math.PI / 6);
    const sixty = onSphere(60, 5);
    expect(hypervolume(sixty, [0, 0, 0, 0, 0])).to.be.closeTo(
      hypervolume(
        sixty.map((row) => [...row].reverse()),
        [0, 0, 0, 0, 0],
      ),
      1e-12,
    );
  });

  it("refuses a reference of another length or without a number", () => {
    expect(() => hypervolume([[1, 2]], [0])).to.throw(ShapeError, "reference");
    expect(() => hypervolume([[1, 2]], [0, Number.NaN])).to.throw(DomainError, "reference[1]");
    expect(() => hypervolume([[1, Number.POSITIVE_INFINITY]], [0, 0])).to.throw(DomainError);
  });
});

describe("distance to a known front", () => {
  interface Known {
    front: number[][];
    sets: number[][][];
    igd: number[];
    igdPlus: number[];
  }

  for (const [name, sign] of [
    ["Inverted generational distance of two sets", -1],
    ["Inverted generational distance in three", 1],
  ] as const) {
    it(`is moocore's: ${name}`, () => {
      const { front, sets, igd, igdPlus } = golden<Known>(name);
      const turned = (rows: number[][]) => rows.map((row) => row.map((x) => sign * x));
      sets.forEach((set, i) => {
        expect(invertedGenerationalDistance(turned(set), turned(front))).to.be.closeTo(igd[i], 1e-12);
        expect(invertedGenerationalDistancePlus(turned(set), turned(front))).to.be.closeTo(igdPlus[i], 1e-12);
      });
    });
  }

  it("plus never finds a set worse than one that it dominates; both are 0 at the front and scale with the unit", () => {
    fc.assert(
      fc.property(tables, tables, (front, table) => {
        const k = front[0].length;
        const set = table.map((row) => Array.from({ length: k }, (_, j) => row[j % row.length]));
        const better = set.map((row, i) => row.map((x, j) => x + ((i + j) % 3)));
        const plus = invertedGenerationalDistancePlus(set, front);
        expect(invertedGenerationalDistancePlus(better, front)).to.be.at.most(plus + 1e-12);
        expect(plus).to.be.at.most(invertedGenerationalDistance(set, front) + 1e-12);
        expect(invertedGenerationalDistance([...set, ...front], front)).to.equal(0);
        const scaled = (rows: number[][]) => rows.map((row) => row.map((x) => 1e3 * x - 5));
        expect(invertedGenerationalDistancePlus(scaled(set), scaled(front))).to.be.closeTo(1e3 * plus, 1e-9);
      }),
    );
  });

  it("refuses empty sets, other lengths and what is no number", () => {
    expect(() => invertedGenerationalDistance([], [[1]])).to.throw(DomainError, "scores");
    expect(() => invertedGenerationalDistance([[1]], [])).to.throw(DomainError, "front");
    expect(() => invertedGenerationalDistancePlus([[1]], [[1, 2]])).to.throw(ShapeError, "scores[0]");
    expect(() => invertedGenerationalDistancePlus([[Number.NaN, 1]], [[1, 2]])).to.throw(DomainError, "scores[0][0]");
  });
});

const bowl = [
  [0, 2],
  [0.9, 0.9],
  [2, 0],
];

describe("ways to choose", () => {
  it("a weighted sum never picks the point in the bowl, Chebyshev and a floor do", async () => {
    for (const w of [0.01, 0.3, 0.5, 0.7, 0.99]) expect(weightedSumChoice(bowl, [w, 1 - w])).to.not.include(1);
    expect(weightedSumChoice(bowl, [1, 1])).to.deep.equal([0, 2]);
    expect(chebyshevChoice(bowl, [1, 1])).to.deep.equal([1]);
    expect(epsilonConstraintChoice(bowl, 0, [0, 0.5])).to.deep.equal([1]);
    // The small sum decides between a point and one that is only weakly as good.
    expect(
      chebyshevChoice(
        [
          [1, 1],
          [1, 2],
          [2, 0],
        ],
        [1, 0],
        { ideal: [2, 2] },
      ),
    ).to.deep.equal([2]);
    expect(
      chebyshevChoice(
        [
          [1, 1],
          [1, 2],
        ],
        [1, 0],
        { ideal: [2, 2] },
      ),
    ).to.deep.equal([1]);
    expect(epsilonConstraintChoice(bowl, 1, [Number.NEGATIVE_INFINITY, 99])).to.deep.equal([0]);
    const { margins, weights } = await supportedPoints(bowl);
    expect(margins[1]).to.be.closeTo(-0.1, 1e-9);
    expect(margins[0]).to.be.closeTo(1.1, 1e-9);
    expect([...weights[0]]).to.deep.equal([0, 1]);
  });

  it("supported points are those that some weights of a fine grid pick alone (property)", async () => {
    const rows = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 2 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const { margins } = await supportedPoints(table);
        const same = (i: number, j: number) => table[i].every((x, l) => x === table[j][l]);
        table.forEach((_, i) => {
          // Whole numbers up to 5: between two turning points lies a weight of this grid.
          const alone = Array.from({ length: 241 }, (_, g) => g / 240).some((w) =>
            weightedSumChoice(table, [w, 1 - w]).every((j) => same(i, j)),
          );
          expect(margins[i] > 1e-9, JSON.stringify({ table, i, margin: margins[i] })).to.equal(alone);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("Chebyshev with the right weights finds any point of the front (property)", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const best = table[0].map((_, j) => Math.max(...table.map((row) => row[j])) + 1);
        for (const i of paretoFront(table)) {
          const weights = table[i].map((x, j) => 1 / (best[j] - x));
          const found = chebyshevChoice(table, weights, { ideal: best });
          expect(found.some((j) => table[j].every((x, l) => x === table[i][l]))).to.equal(true);
        }
      }),
    );
  });

  it("the lexicographic choice is the limit of weights 1, e, e^2 (property)", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const weights = table[0].map((_, j) => 0.01 ** j);
        expect(lexicographicChoice(table)).to.deep.equal(weightedSumChoice(table, weights));
      }),
    );
    expect(lexicographicChoice(bowl, [1])).to.deep.equal([0]);
    expect(
      lexicographicChoice([
        [1, 1],
        [1, 1],
      ]),
    ).to.deep.equal([0, 1]);
  });

  it("refuse what they cannot read", () => {
    expect(() => weightedSumChoice(bowl, [1])).to.throw(ShapeError, "weights");
    expect(() => weightedSumChoice(bowl, [-1, 2])).to.throw(DomainError, "at least 0");
    expect(() => weightedSumChoice(bowl, [0, 0])).to.throw(DomainError, "one above 0");
    expect(() => chebyshevChoice(bowl, [1, 1], { small: -1 })).to.throw(DomainError, "small");
    expect(() => epsilonConstraintChoice(bowl, 2, [0, 0])).to.throw(DomainError, "objective");
    expect(() => epsilonConstraintChoice(bowl, 0, [0, Number.NaN])).to.throw(DomainError, "floors");
    expect(() => epsilonConstraintChoice(bowl, 0, [0, 3])).to.throw(InfeasibleError, "floors");
    expect(() => lexicographicChoice(bowl, [0, 0])).to.throw(DomainError, "once");
    expect(() => lexicographicChoice(bowl, [5])).to.throw(DomainError, "order");
  });
});
