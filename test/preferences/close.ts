import { expect } from "chai";

type Values = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** Every number of a list or a table lies within `tolerance` of its counterpart. */
export function close(got: Values, want: Values, tolerance: number, place = ""): void {
  expect(got.length, `length${place}`).to.equal(want.length);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i], want[i]];
    if (typeof a === "number" && typeof b === "number") expect(a, `${place}[${i}]`).to.be.closeTo(b, tolerance);
    else close(a as Values, b as Values, tolerance, `${place}[${i}]`);
  }
}

/** The table with every entry negated. */
export function negated(table: number[][]): number[][] {
  return table.map((row) => row.map((value) => -value));
}
