import type { Highs } from "highs";

let solver: Promise<Highs> | undefined;

/**
 * The HiGHS solver for linear and integer programs (Huangfu and Hall 2018), loaded at the first call. `withModel(data,
 * use)` passes arrays to it; its other door, `solve(text)`, would write and read every number as text.
 */
export function highs(): Promise<Highs> {
  // The package's types describe its CommonJS build; the module's default export is the loader in both.
  solver ??= import("highs").then((module) => (module.default as unknown as () => Promise<Highs>)());
  return solver;
}
