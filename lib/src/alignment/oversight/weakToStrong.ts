import { checkFinite, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { quantile, softplus } from "../../numerics/index.js";

/**
 * Performance gap recovered: (weakToStrong - weak) / (ceiling - weak). 0 if a strong model taught by a weak one is as
 * good as its teacher, 1 if it is as good as one taught by the truth; below 0 and above 1 stay what they are. The three
 * are accuracies, or any measure that grows with quality. Burns et al. 2023, arXiv:2312.09390.
 * @example performanceGapRecovered({ weak: 0.6, weakToStrong: 0.8, ceiling: 0.9 }) // 0.6667
 * @throws DomainError unless the ceiling is above the weak one: there is no gap to recover
 */
export function performanceGapRecovered(measured: { weak: number; weakToStrong: number; ceiling: number }): number {
  const { weak, weakToStrong, ceiling } = measured;
  for (const [name, value] of Object.entries(measured)) {
    checkFinite(name, value);
  }
  if (!(ceiling > weak)) throw new DomainError(complaint("ceiling", `a number above the weak one's ${weak}`, ceiling));
  return (weakToStrong - weak) / (ceiling - weak);
}

/**
 * Cross-entropy with a target that is partly the strong model's own hard answer,
 * (1 - weight) * weak label + weight * [p_0 >= threshold], mean over rows, in nats. The threshold is the quantile of
 * the model's own p_0 at the weak labels' mean of class 1, so that its hard answers keep the weak labels' base rate;
 * no gradient flows through target or threshold. Burns et al. 2023, arXiv:2312.09390, section 4.3. `logits` and
 * `weak` (probabilities) are [rows][2]; so is the gradient, in the logits.
 * @throws ShapeError, DomainError for other shapes, weights outside [0, 1] or labels that do not add up to 1
 */
export function confidenceLossAndGradient(
  logits: readonly ArrayLike<number>[],
  weak: readonly ArrayLike<number>[],
  weight: number,
): { loss: number; gradient: Float64Array[]; threshold: number } {
  const rows = logits.length;
  if (rows === 0 || weak.length !== rows) throw new ShapeError(complaint("weak", `${rows} rows, at least one`, weak));
  checkShare("weight", weight);
  for (let i = 0; i < rows; i++) {
    checkPair(`logits[${i}]`, logits[i]);
    checkPair(`weak[${i}]`, weak[i]);
    const [p, q] = [weak[i][0], weak[i][1]];
    if (!(p >= 0 && q >= 0 && Math.abs(p + q - 1) <= 1e-6)) {
      throw new DomainError(complaint(`weak[${i}]`, "two probabilities that add up to 1", weak[i]));
    }
  }
  const first = logits.map((row) => 1 / (1 + Math.exp(row[1] - row[0])));
  const second = weak.reduce((sum, row) => sum + row[1], 0) / rows;
  const threshold = quantile(first, Math.min(second, 1));
  let loss = 0;
  const gradient = logits.map((row, i) => {
    const target = (1 - weight) * weak[i][0] + weight * (first[i] >= threshold ? 1 : 0);
    const margin = row[0] - row[1];
    // -log sigmoid(m) = softplus(-m), without overflow.
    loss += (target * softplus(-margin) + (1 - target) * softplus(margin)) / rows;
    const slope = (first[i] - target) / rows;
    return Float64Array.of(slope, -slope);
  });
  return { loss, gradient, threshold };
}

function checkPair(name: string, row: ArrayLike<number>): void {
  if (row.length !== 2) throw new ShapeError(complaint(name, "two numbers, one a class", row));
  for (let j = 0; j < 2; j++) {
    checkFinite(`${name}[${j}]`, row[j]);
  }
}
