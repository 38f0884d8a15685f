import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

export interface PixelDebateOptions {
  /** How many pixels are shown in all, by turns. */
  shown: number;
  /** The judge's log-odds before anything is shown, log P(honest's claim) - log P(liar's), nats; 0 by default. */
  prior?: number;
  /** Who shows the first pixel; "honest" by default. It matters for odd numbers alone. */
  first?: "honest" | "liar";
}

export interface PixelDebate {
  /** The judge's log-odds at the end, nats: above 0 the honest debater wins. */
  logOdds: number;
  /** The pixels that each of them showed, in order. */
  honest: number[];
  liar: number[];
}

/**
 * The equilibrium of a debate in which two claims about a picture are judged by naive Bayes on the pixels shown. Each
 * pixel moves the log-odds by its log-ratio, log P(pixel | honest's claim) - log P(pixel | liar's), in nats, [pixels],
 * whatever else is shown: so the honest debater shows the greatest that are left, the liar the least, and with an even
 * number k in all the end is prior + sum of the k/2 greatest + sum of the k/2 least, for either order of play. Nobody
 * can pass; if fewer pixels are there than turns, all are shown. After Irving et al. 2018, arXiv:1805.00899, section 3.
 * @example pixelDebate([3, 2, -2.5, -0.1], { shown: 2 }).logOdds // 0.5
 * @throws DomainError for a log-ratio that is no finite number, or `shown` that is no integer of at least 0
 */
export function pixelDebate(
  logRatios: ArrayLike<number>,
  { shown, prior = 0, first = "honest" }: PixelDebateOptions,
): PixelDebate {
  checkCount("shown", shown, 0);
  if (!Number.isFinite(prior)) throw new DomainError(complaint("prior", "a finite number of nats", prior));
  const order = Array.from({ length: logRatios.length }, (_, pixel) => pixel);
  for (const pixel of order) {
    if (!Number.isFinite(logRatios[pixel])) {
      throw new DomainError(complaint(`logRatios[${pixel}]`, "a finite number of nats", logRatios[pixel]));
    }
  }
  order.sort((a, b) => logRatios[b] - logRatios[a] || a - b);
  const turns = Math.min(shown, order.length);
  const more = Math.ceil(turns / 2);
  const byHonest = first === "honest" ? more : turns - more;
  const honest = order.slice(0, byHonest);
  const liar = order.slice(order.length - (turns - byHonest)).reverse();
  let logOdds = prior;
  for (const pixel of honest) logOdds += logRatios[pixel];
  for (const pixel of liar) logOdds += logRatios[pixel];
  return { logOdds, honest, liar };
}
