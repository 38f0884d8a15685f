import { checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Payoffs, zeroSumEquilibrium } from "../games/index.js";

/**
 * The maximal lottery of pairwise margins: the lottery that no other beats on average, p' M >= 0, an equilibrium of the
 * symmetric zero-sum game M (Fishburn 1984); the Condorcet winner where there is one. Copies of a reply do not change
 * what the others get. By linear programming.
 * @throws DomainError unless M_ij = -M_ji
 */
export async function maximalLottery(margins: Payoffs): Promise<Float64Array> {
  margins.forEach((row, i) => {
    checkNumbers(`margins[${i}]`, row, margins.length);
    for (let j = 0; j <= i; j++) {
      if (Math.abs(row[j] + margins[j][i]) > 1e-9) {
        throw new DomainError(complaint(`margins[${i}][${j}]`, `${-margins[j][i]}, minus margins[${j}][${i}]`, row[j]));
      }
    }
  });
  return (await zeroSumEquilibrium(margins)).row;
}
