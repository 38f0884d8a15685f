import { Matrix, solve } from "ml-matrix";
import { key, normal, split } from "../random/index.js";
import type { Numbers } from "./erratum.js";

/** Mean squared errors of ridge regression on seen and fresh examples: 40 of them, 50 weights, noise 1, 20 draws. */
export function ridgeErrors(penalties: readonly number[]): Numbers {
  const [examples, weights, fresh] = [40, 50, 400];
  const runs = split(key(55), 20);
  const matrix = (rows: number, columns: number, values: Float64Array) => Matrix.from1DArray(rows, columns, values);
  const errors = penalties.map(() => ({ seen: 0, fresh: 0 }));
  for (const run of runs) {
    const [kTruth, kSeen, kNoise, kFresh, kMore] = split(run, 5);
    const truth = matrix(weights, 1, normal(kTruth, weights)).mul(1 / 3);
    const x = matrix(examples, weights, normal(kSeen, examples * weights));
    const y = x.mmul(truth).add(matrix(examples, 1, normal(kNoise, examples)));
    const xFresh = matrix(fresh, weights, normal(kFresh, fresh * weights));
    const yFresh = xFresh.mmul(truth).add(matrix(fresh, 1, normal(kMore, fresh)));
    const gram = x.mmul(x.transpose());
    penalties.forEach((penalty, i) => {
      const w = x.transpose().mmul(solve(Matrix.add(gram, Matrix.eye(examples, examples, penalty)), y));
      errors[i].seen += Matrix.sub(x.mmul(w), y).norm("frobenius") ** 2 / examples / runs.length;
      errors[i].fresh += Matrix.sub(xFresh.mmul(w), yFresh).norm("frobenius") ** 2 / fresh / runs.length;
    });
  }
  return Object.fromEntries(
    penalties.flatMap((penalty, i) => [
      [`seen, penalty ${penalty}`, errors[i].seen],
      [`fresh, penalty ${penalty}`, errors[i].fresh],
    ]),
  );
}
