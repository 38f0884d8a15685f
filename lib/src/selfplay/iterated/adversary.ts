import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Payoffs, zeroSumEquilibrium } from "../../games/index.js";
import { logSigmoid } from "../../numerics/index.js";

/**
 * A writer against a panel of critics: scores[y][c] is what critic c gives completion y, [N][C]. The writer that
 * earns the most from its *harshest* critic, max over pi of min over c of E_pi[scores[., c]]: the right way round.
 * `value` is what it is sure of; `critic` the mixture of critics that holds it to that.
 */
export async function againstHarshestCritic(
  scores: Payoffs,
): Promise<{ writer: Float64Array; critic: Float64Array; value: number }> {
  const { row, column, value } = await zeroSumEquilibrium(scores);
  return { writer: row, critic: column, value };
}

/**
 * The same game the wrong way round, min over pi of max over c: a writer that wants to be scored low, and critics that
 * flatter it. It finds the completions that no critic can say a good word about.
 */
export async function againstFlatteringCritic(
  scores: Payoffs,
): Promise<{ writer: Float64Array; critic: Float64Array; value: number }> {
  const negated = scores.map((row) => Array.from(row, (score) => -score));
  const { row, column, value } = await zeroSumEquilibrium(negated);
  return { writer: row, critic: column, value: -value };
}

/**
 * The critic's loss where it learns to tell good examples from the writer's: -E_good log D - E_pi log(1 - D), with D =
 * sigmoid(logits), and its gradient on the logits, [N]. `good` and `written` are probabilities, [N]. Its labels tie it
 * to something: the critic *minimises* an error, and the writer tries to make that error large (Goodfellow et al. 2014,
 * arXiv:1406.2661; Ho and Ermon 2016, arXiv:1606.03476).
 */
export function criticLossAndGradient(
  logits: ArrayLike<number>,
  good: ArrayLike<number>,
  written: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  checkNumbers("logits", logits, good.length);
  if (written.length !== good.length) throw new ShapeError(complaint("written", `${good.length} numbers`, written));
  let loss = 0;
  const gradient = Float64Array.from(logits, (z, y) => {
    loss -= good[y] * logSigmoid(z) + written[y] * logSigmoid(-z);
    const d = Math.exp(logSigmoid(z));
    return written[y] * d - good[y] * (1 - d);
  });
  return { loss, gradient };
}

/**
 * The critic's best answer, log D / (1 - D) = log good - log written, and what is then left of its loss, 2 ln 2 - 2
 * JS(good, written): ln 4 where the writer cannot be told from the good ones. Log-probabilities [N] in nats.
 * @throws DomainError if one of the two can write what the other cannot
 */
export function optimalCritic(
  logGood: ArrayLike<number>,
  logWritten: ArrayLike<number>,
): { logits: Float64Array; loss: number } {
  checkNumbers("logGood", logGood, logGood.length);
  checkNumbers("logWritten", logWritten, logGood.length);
  const logits = Float64Array.from(logGood, (log, y) => log - logWritten[y]);
  let loss = 0;
  logits.forEach((z, y) => {
    loss -= Math.exp(logGood[y]) * logSigmoid(z) + Math.exp(logWritten[y]) * logSigmoid(-z);
  });
  if (!Number.isFinite(loss)) throw new DomainError(complaint("logGood, logWritten", "log-probabilities", logGood));
  return { logits, loss };
}
