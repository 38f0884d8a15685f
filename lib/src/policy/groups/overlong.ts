import { complaint, DomainError } from "../../core/index.js";

/**
 * DAPO's soft penalty for length, added to the reward: 0 up to `most - margin` tokens, then a straight line
 * down to -1 at `most`, and -1 beyond (Yu et al. 2025, arXiv:2503.14476, eq. 13). A completion that was cut off
 * has `most` tokens or more.
 * @throws DomainError unless 0 < margin <= most and length >= 0
 */
export function overlongPenalty(length: number, { most, margin }: { most: number; margin: number }): number {
  if (!(margin > 0 && margin <= most && Number.isFinite(most))) {
    throw new DomainError(complaint("margin and most", "0 < margin <= most", { margin, most }));
  }
  if (!(length >= 0)) throw new DomainError(complaint("length", "a number of tokens", length));
  return Math.max(-1, Math.min(0, (most - margin - length) / margin));
}
