import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  expectedPayoff,
  exploitability,
  nashConv,
  pureEquilibria,
  rowPayoffs,
  zeroSumEquilibrium,
} from "../../lib/src/games/index.js";

const rockPaperScissors = [
  [0, -1, 1],
  [1, 0, -1],
  [-1, 1, 0],
];

describe("matrix games", () => {
  it("finds equilibria of zero-sum games: nobody gains by moving alone (property)", async () => {
    const matrix = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([m, n]) =>
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }), {
        minLength: m,
        maxLength: m,
      }),
    );
    await fc.assert(
      fc.asyncProperty(matrix, fc.integer({ min: -3, max: 3 }), async (payoffs, shift) => {
        const { row, column, value } = await zeroSumEquilibrium(payoffs);
        expect(nashConv(payoffs, row, column)).to.be.closeTo(0, 1e-6);
        expect(expectedPayoff(payoffs, row, column)).to.be.closeTo(value, 1e-6);
        const shifted = await zeroSumEquilibrium(payoffs.map((r) => r.map((p) => 2 * p + shift)));
        expect(shifted.value).to.be.closeTo(2 * value + shift, 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it("knows the von Neumann winner of an intransitive preference, by hand (3, 3, 2, 0) / 8", async () => {
    const beats = [
      [0.5, 0.7, 0.2, 0.6],
      [0.3, 0.5, 0.8, 0.6],
      [0.8, 0.2, 0.5, 0.6],
      [0.4, 0.4, 0.4, 0.5],
    ];
    const { row, value } = await zeroSumEquilibrium(beats);
    expect(value).to.be.closeTo(0.5, 1e-9);
    Array.from(row).forEach((p, i) => {
      expect(p).to.be.closeTo([0.375, 0.375, 0.25, 0][i], 1e-9);
    });
  });

  it("measures what the players could gain, summed and per player", () => {
    const [rock, paper] = [
      [1, 0, 0],
      [0, 1, 0],
    ];
    // Against rock the best answer wins 1; against paper the row player's best, scissors, gets 1 instead of -1.
    expect(nashConv(rockPaperScissors, rock, paper)).to.equal(2);
    expect(exploitability(rockPaperScissors, rock, paper)).to.equal(1);
    expect(nashConv(rockPaperScissors, rock, rock)).to.equal(2);
    const dilemma = [
      [
        [3, 0],
        [5, 1],
      ],
      [
        [3, 5],
        [0, 1],
      ],
    ] as const;
    expect(nashConv(dilemma, [1, 0], [1, 0])).to.equal(4);
    expect(nashConv(dilemma, [0, 1], [0, 1])).to.equal(0);
  });

  it("lists pure equilibria: the dilemma's one, a meeting's two, none for pennies; ties count", () => {
    const of = (own: number[][], other?: number[][]) => pureEquilibria(other ? [own, other] : own);
    expect(
      of(
        [
          [3, 0],
          [5, 1],
        ],
        [
          [3, 5],
          [0, 1],
        ],
      ),
    ).to.deep.equal([[1, 1]]);
    expect(
      of(
        [
          [2, 0],
          [0, 1],
        ],
        [
          [1, 0],
          [0, 2],
        ],
      ),
    ).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
    expect(
      of([
        [1, -1],
        [-1, 1],
      ]),
    ).to.deep.equal([]);
    expect(
      of([
        [7, 7],
        [7, 7],
      ]),
    ).to.have.length(4);
  });

  it("refuses what is no game and no strategy", () => {
    expect(() => rowPayoffs([[1, 2], [3]], [1, 0])).to.throw(ShapeError, "payoffs[1]");
    expect(() => rowPayoffs([], [])).to.throw(ShapeError, "one row");
    expect(() => rowPayoffs([[Number.NaN]], [1])).to.throw(DomainError, "payoffs[0][0]");
    expect(() => rowPayoffs([[1, 2]], [0.6, 0.6])).to.throw(DomainError, "add up to 1");
    expect(() => expectedPayoff([[1, 2]], [1, 0], [1, 0])).to.throw(ShapeError, "row");
    expect(() => nashConv([[[1, 2]], [[1]]], [1], [1, 0])).to.throw(ShapeError, "payoffs[1]");
  });
});
