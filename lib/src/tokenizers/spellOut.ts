/**
 * The code points that a set with the flag u matches, as the inside of a character class: /^\p{White_Space}$/u gives
 * "\t-\r \u0085\u00a0...", the characters themselves, which mean the same in every engine of regular expressions. `\s`
 * does not (U+0085 and U+FEFF are white space for one and not for the other), and what `\p{L}` is depends on the
 * version of Unicode that an engine knows.
 *
 * For sets without the signs that mean something within a class: ^ - \ [ ] &.
 */
export function spellOut(set: RegExp): string {
  let out = "";
  for (let from = 0; from <= LAST; from++) {
    if (!matches(set, from)) continue;
    let to = from;
    while (to < LAST && matches(set, to + 1)) to++;
    out += String.fromCodePoint(from);
    if (to > from) out += `${to > from + 1 ? "-" : ""}${String.fromCodePoint(to)}`;
    from = to;
  }
  return out;
}

const LAST = 0x10ffff;

function matches(set: RegExp, point: number): boolean {
  const surrogate = point >= 0xd800 && point < 0xe000; // half a character, which no other language has
  return !surrogate && set.test(String.fromCodePoint(point));
}
