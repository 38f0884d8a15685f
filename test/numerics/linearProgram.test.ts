import { expect } from "chai";
import fc from "fast-check";
import {
  ConvergenceError,
  DomainError,
  InfeasibleError,
  ShapeError,
  UnboundedError,
} from "../../lib/src/core/index.js";
import { type LinearProgram, linearProgram } from "../../lib/src/numerics/index.js";

/** The greatest 3 d c'x over the corners of A x <= b, 0 <= x <= u in two variables: the oracle. */
function byCorners(c: number[], rows: { a: number[]; b: number }[], upper: number[]): number {
  const lines = [
    ...rows,
    { a: [-1, 0], b: 0 },
    { a: [0, -1], b: 0 },
    { a: [1, 0], b: upper[0] },
    { a: [0, 1], b: upper[1] },
  ];
  let best = Number.NEGATIVE_INFINITY;
  for (const p of lines) {
    for (const q of lines) {
      const determinant = p.a[0] * q.a[1] - p.a[1] * q.a[0];
      if (Math.abs(determinant) < 1e-12) continue;
      const x = [(p.b * q.a[1] - q.b * p.a[1]) / determinant, (p.a[0] * q.b - q.a[0] * p.b) / determinant];
      if (lines.every(({ a, b }) => a[0] * x[0] + a[1] * x[1] <= b + 1e-9)) {
        best = Math.max(best, c[0] * x[0] + c[1] * x[1]);
      }
    }
  }
  return best;
}

async function thrown(program: LinearProgram): Promise<unknown> {
  return linearProgram(program).then(
    () => undefined,
    (error) => error,
  );
}

describe("linear programs", () => {
  it("finds the best corner (property, against all corners)", async () => {
    const number = fc.integer({ min: -9, max: 9 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(number, number),
        fc.array(fc.record({ a: fc.tuple(number, number), b: fc.integer({ min: 0, max: 9 }) }), { maxLength: 4 }),
        async (c, rows) => {
          const { value, x } = await linearProgram({
            variables: 2,
            maximise: c,
            subjectTo: rows.map(({ a, b }) => ({ form: a, atMost: b })),
            upper: [5, 7],
          });
          expect(value).to.be.closeTo(byCorners(c, rows, [5, 7]), 1e-7);
          expect(c[0] * x[0] + c[1] * x[1]).to.be.closeTo(value, 1e-7);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("solves the diet of a textbook: Wyndor's glass (Hillier and Lieberman), 36 at (2, 6), with its shadow prices 0, 1.5, 1", async () => {
    const { x, value, duals } = await linearProgram({
      variables: 2,
      maximise: [3, 5],
      subjectTo: [
        { form: [[0, 1]], atMost: 4 },
        { form: [[1, 2]], atMost: 12 },
        { form: [3, 2], atMost: 18 },
      ],
    });
    expect(value).to.be.closeTo(36, 1e-9);
    expect(Array.from(x)).to.deep.equal([2, 6]);
    expect(Array.from(duals)).to.deep.equal([0, 1.5, 1]);
  });

  it("prices are slopes of the value: of a maximum, of a minimum, of an equality, of a range", async () => {
    const of = (side: number): LinearProgram[] => [
      { variables: 2, maximise: [1, 2], subjectTo: [{ form: [1, 1], atMost: side }], upper: 3 },
      { variables: 2, minimise: [1, 2], subjectTo: [{ form: [1, 1], atLeast: side }] },
      { variables: 2, minimise: [1, 3], subjectTo: [{ form: [1, -1], equals: side }], lower: -5, upper: 20 },
      { variables: 2, maximise: [1, 2], subjectTo: [{ form: [1, 1], atMost: side, atLeast: -50 }], upper: 3 },
    ];
    for (let i = 0; i < 4; i++) {
      const [low, middle, high] = await Promise.all([3.9, 4, 4.1].map((side) => linearProgram(of(side)[i])));
      expect(middle.duals[0], `program ${i}`).to.be.closeTo((high.value - low.value) / 0.2, 1e-7);
      expect(middle.duals[0]).not.to.equal(0);
    }
  });

  it("takes free variables, and adds up coefficients of one variable", async () => {
    const { x } = await linearProgram({
      variables: 3,
      minimise: [[2, 1]],
      subjectTo: [
        {
          form: [
            [2, 1],
            [0, 1],
            [2, 1],
          ],
          equals: -4,
        }, // prettier than [1, 0, 2], and the same
        { form: [1, 0, 0], atMost: 2 },
      ],
      lower: Number.NEGATIVE_INFINITY,
    });
    expect(x[2]).to.be.closeTo(-3, 1e-9);
    expect(x[0]).to.be.closeTo(2, 1e-9);
  });

  it("finds whole numbers, which rounding would miss, and gives them no price", async () => {
    const knapsack = { variables: 3, maximise: [8, 11, 6], subjectTo: [{ form: [5, 7, 4], atMost: 10 }], upper: 1 };
    const whole = await linearProgram({ ...knapsack, integer: true });
    expect([Array.from(whole.x), whole.value]).to.deep.equal([[1, 0, 1], 14]);
    expect(whole.duals[0]).to.be.NaN;
    expect((await linearProgram({ ...knapsack, integer: [0] })).value).to.be.within(14, 15.9);
    expect((await linearProgram(knapsack)).value).to.be.closeTo(8 + (5 * 11) / 7, 1e-9);
  });

  it("does not look at the unit: constraints and objective times 1e-6 and 1e6", async () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const { x } = await linearProgram({
        variables: 2,
        maximise: [3 * unit, 5 * unit],
        subjectTo: [
          { form: [unit, 0], atMost: 4 * unit },
          { form: [0, 2 * unit], atMost: 12 * unit },
          { form: [3 * unit, 2 * unit], atMost: 18 * unit },
        ],
      });
      expect(x[0]).to.be.closeTo(2, 1e-6);
      expect(x[1]).to.be.closeTo(6, 1e-6);
    }
  });

  it("says that nothing is feasible, or that there is no bound", async () => {
    const impossible = { variables: 1, maximise: [1], subjectTo: [{ form: [1], atLeast: 3 }], upper: 2 };
    expect(await thrown(impossible)).to.be.instanceOf(InfeasibleError);
    expect(await thrown({ variables: 2, maximise: [1, 0] })).to.be.instanceOf(UnboundedError);
    expect(
      await thrown({ variables: 1, maximise: [1], upper: 1, subjectTo: [{ form: [0], atLeast: 1 }] }),
    ).to.be.instanceOf(InfeasibleError);
    const nothing = await linearProgram({
      variables: 1,
      maximise: [1],
      upper: 1,
      subjectTo: [{ form: [0], atMost: 1 }],
    });
    expect([nothing.value, nothing.duals[0]]).to.deep.equal([1, 0]);
  });

  it("says what to do where coefficients are too large for the solver, and works on afterwards", async () => {
    const error = await thrown({ variables: 1, maximise: [1], subjectTo: [{ form: [1e20], atMost: 1 }] });
    expect(error).to.be.instanceOf(ConvergenceError);
    expect((error as Error).message)
      .to.contain("the solver gave up")
      .and.contain("choose units");
    expect((await linearProgram({ variables: 1, maximise: [3], upper: 2 })).value).to.equal(6);
  });

  it("refuses what cannot be read, in words", async () => {
    const bad: [LinearProgram, typeof DomainError | typeof ShapeError, string][] = [
      [{ variables: 0, maximise: [] }, DomainError, "variables"],
      [{ variables: 1 }, DomainError, "objective"],
      [{ variables: 1, maximise: [1], minimise: [1] }, DomainError, "objective"],
      [{ variables: 2, maximise: [1] }, ShapeError, "2 coefficients"],
      [{ variables: 1, maximise: [Number.NaN] }, DomainError, "maximise[0]"],
      [{ variables: 1, maximise: [[3, 1]] }, DomainError, "0 to 0"],
      [{ variables: 1, maximise: [1], subjectTo: [{ form: [1] }] }, DomainError, "subjectTo[0]"],
      [{ variables: 1, maximise: [1], subjectTo: [{ form: [1], equals: 1, atMost: 2 }] }, DomainError, "equals alone"],
      [{ variables: 1, maximise: [1], subjectTo: [{ form: [1], atMost: Number.NaN }] }, DomainError, "right"],
      [{ variables: 1, maximise: [1], lower: [0, 0] }, ShapeError, "lower"],
      [{ variables: 1, maximise: [1], upper: Number.NaN }, DomainError, "upper"],
      [{ variables: 1, maximise: [1], integer: [1] }, DomainError, "integer[0]"],
    ];
    for (const [program, kind, words] of bad) {
      const error = await thrown(program);
      expect(error, words).to.be.instanceOf(kind);
      expect((error as Error).message).to.contain(words);
    }
  });
});
