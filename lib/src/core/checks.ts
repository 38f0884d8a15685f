import { complaint, DomainError, ShapeError } from "./errors.js";

/** @throws DomainError unless 0 <= discount <= 1 */
export function checkDiscount(discount: number): void {
  if (!(discount >= 0 && discount <= 1)) {
    throw new DomainError(complaint("discount", "a number from 0 to 1", discount));
  }
}

/** @throws ShapeError unless there are `count` of them, DomainError unless all are finite */
export function checkNumbers(what: string, values: ArrayLike<number>, count: number): void {
  if (values.length !== count) throw new ShapeError(complaint(what, `${count} numbers`, values));
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(values[i])) {
      throw new DomainError(complaint(`${what}[${i}]`, "a finite number", values[i]));
    }
  }
}
