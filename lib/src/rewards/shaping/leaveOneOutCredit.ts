import { checkFinite } from "../../core/checks.js";

/**
 * Credit of each token by leaving it out, [T]: c_t = R(y) - R(y without token t). One evaluation a token. Two tokens
 * that say the same thing get nothing each, two that only work together get it twice: the credits need not add up to
 * anything. `reward` reads any list of tokens.
 * @throws DomainError if a reward is not finite
 */
export function leaveOneOutCredit<T>(tokens: readonly T[], reward: (tokens: readonly T[]) => number): Float64Array {
  const whole = finiteReward(reward, tokens);
  return Float64Array.from(
    tokens,
    (_, t) => whole - finiteReward(reward, [...tokens.slice(0, t), ...tokens.slice(t + 1)]),
  );
}

/** What a reward says of some tokens. @throws DomainError if that is NaN or infinite */
export function finiteReward<T>(reward: (tokens: readonly T[]) => number, tokens: readonly T[]): number {
  const value = reward(tokens);
  checkFinite("reward", value);
  return value;
}
