import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import {
  annotationsFromColumns,
  cohenKappa,
  fleissKappa,
  krippendorffAlpha,
} from "../../../lib/src/preferences/aggregation/index.js";

/** Rows of counts [tasks][classes] as annotations; who said it does not matter here. */
function fromCounts(counts: number[][]) {
  const [task, labeler, label]: number[][] = [[], [], []];
  counts.forEach((row, i) => {
    let w = 0;
    row.forEach((count, c) => {
      for (let n = 0; n < count; n++) {
        task.push(i);
        labeler.push(w++);
        label.push(c);
      }
    });
  });
  return annotationsFromColumns(task, labeler, label, { classes: counts[0].length });
}

describe("agreement", () => {
  it("Cohen's kappa of 20 + 15 agreements in 50 with margins 25:25 and 30:20 is 0.4", () => {
    const first = [...new Array(25).fill(1), ...new Array(25).fill(0)];
    const second = [
      ...new Array(20).fill(1),
      ...new Array(5).fill(0),
      ...new Array(10).fill(1),
      ...new Array(15).fill(0),
    ];
    expect(cohenKappa(first, second)).to.be.closeTo(0.4, 1e-12);
    expect(cohenKappa(second, first)).to.be.closeTo(0.4, 1e-12);
    expect(cohenKappa(first, first)).to.equal(1);
  });

  it("Fleiss' kappa of fourteen raters, ten subjects, five classes is 0.210", () => {
    // The worked example of Wikipedia's article "Fleiss' kappa" (P-bar 0.378, P-e 0.213).
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ];
    expect(fleissKappa(fromCounts(counts))).to.be.closeTo(0.21, 5e-4);
  });

  it("Krippendorff's alpha of four observers, twelve units is 0.743 nominal and 0.849 interval", () => {
    // Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C; 0 is "not asked".
    const observers = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
      [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ];
    const [task, labeler, label]: number[][] = [[], [], []];
    observers.forEach((row, w) => {
      row.forEach((value, i) => {
        if (value === 0) return;
        task.push(i);
        labeler.push(w);
        label.push(value - 1);
      });
    });
    const data = annotationsFromColumns(task, labeler, label);
    expect(krippendorffAlpha(data)).to.be.closeTo(0.743, 5e-4);
    expect(krippendorffAlpha(data, "interval")).to.be.closeTo(0.849, 5e-4);
  });

  it("where luck explains everything there is no number; bad input is refused", () => {
    expect(cohenKappa([1, 1], [1, 1])).to.be.NaN;
    expect(krippendorffAlpha(fromCounts([[2, 0]]))).to.be.NaN;
    expect(() => cohenKappa([1], [1, 2])).to.throw(ShapeError);
    expect(() => cohenKappa([], [])).to.throw(DomainError);
    expect(() => cohenKappa([1, Number.NaN], [1, 0])).to.throw(DomainError, "pair 1");
    expect(() => fleissKappa(annotationsFromColumns([], [], []))).to.throw(DomainError, "tasks");
    expect(() => annotationsFromColumns([], [], [], { tasks: -1 })).to.throw(DomainError, "number of tasks");
    expect(() =>
      fleissKappa(
        fromCounts([
          [2, 0],
          [2, 1],
        ]),
      ),
    ).to.throw(DomainError, "same number");
    expect(() =>
      krippendorffAlpha(
        fromCounts([
          [1, 0],
          [0, 1],
        ]),
      ),
    ).to.throw(DomainError, "nothing to agree");
  });
});
