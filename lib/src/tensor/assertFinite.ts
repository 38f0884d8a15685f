import { DivergenceError } from "../core/index.js";
import { isTensor, namedLeaves, type Tree } from "./tree.js";

/**
 * Passes finite numbers through and stops at the others. `value` is a number, a typed array or a tree of tensors.
 * @throws DivergenceError naming what, the step if given, and the first leaf that is NaN or infinite
 */
export function assertFinite<T extends number | ArrayLike<number> | Tree>(what: string, value: T, step?: number): T {
  const at = step === undefined ? "" : ` at step ${step}`;
  const check = (name: string, values: ArrayLike<number>) => {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        const where = values.length > 1 ? ` (entry ${i} of ${values.length})` : "";
        throw new DivergenceError(
          `${name}${where} is ${values[i]}${at}. Nothing was updated with it; a smaller learning rate or gradient clipping often helps.`,
        );
      }
    }
  };
  if (typeof value === "number") check(what, [value]);
  else if (ArrayBuffer.isView(value) || (Array.isArray(value) && typeof value[0] === "number")) {
    check(what, value as ArrayLike<number>);
  } else if (isTensor(value)) check(what, value.dataSync());
  else for (const [path, leaf] of namedLeaves(value as Tree)) check(`${what}: ${path}`, leaf.dataSync());
  return value;
}
