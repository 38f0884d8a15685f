import { foldIn, type Key } from "rlhf-lab/random";

/**
 * The first draw that fits: what a check draws has to tell mistakes apart, and right answers must not hang on rounding.
 */
export function drawUntil<T>(key: Key, draw: (key: Key) => T, fits: (drawn: T) => boolean): T {
  for (let again = 0; ; again++) {
    const drawn = draw(foldIn(key, again));
    if (fits(drawn)) return drawn;
  }
}
