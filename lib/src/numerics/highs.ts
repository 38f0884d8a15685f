import type { LegacyHighs } from "highs";

let solver: Promise<LegacyHighs> | undefined;

/**
 * The HiGHS solver for linear and integer programs (Huangfu and Hall 2018), loaded at the first call. `solve(text)`
 * takes a program in the CPLEX LP format and answers at once, with `Status` "Optimal" when it found the best solution.
 */
export function highs(): Promise<LegacyHighs> {
  // The package's types describe its CommonJS build; the module's default export is the loader in both.
  solver ??= import("highs").then((module) => (module.default as unknown as () => Promise<LegacyHighs>)());
  return solver;
}
