import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * How close a length is to the one asked for: max(0, 1 - |length - target| / width), 1 at the target,
 * 0 beyond `width` tokens.
 * @throws DomainError unless length and target are >= 0 and width > 0
 */
export function targetLengthReward(length: number, { target, width }: { target: number; width: number }): number {
  checkLength("length", length);
  checkLength("target", target);
  if (!(width > 0)) throw new DomainError(complaint("width", "a positive number of tokens", width));
  return Math.max(0, 1 - Math.abs(length - target) / width);
}

/**
 * A reward per token up to `most` tokens: perToken min(length, most). With perToken < 0, a price of length.
 * @throws DomainError unless length and most are >= 0
 */
export function lengthBonus(
  length: number,
  { perToken, most = Number.POSITIVE_INFINITY }: { perToken: number; most?: number },
): number {
  checkLength("length", length);
  checkLength("most", most);
  checkFinite("perToken", perToken);
  return perToken * Math.min(length, most);
}

function checkLength(what: string, value: number): void {
  if (!(value >= 0)) throw new DomainError(complaint(what, "a number of tokens, at least 0", value));
}
