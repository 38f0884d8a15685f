import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { logGamma } from "../numerics/index.js";
import { ablationShare, smoothingCertificate } from "../safety/index.js";
import { lexiconScore, phraseWords } from "./phrases.js";

/**
 * World: replies of a fixed number of the phrase task's six words (no end), all equally likely, and a classifier that
 * calls a reply harsh if its lexicon score, good words minus bad words, is below 0. Somebody may replace d words by any
 * others. Known: the smoothed classifier's label (majority over all choices of k kept words) of every reply, and
 * whether any replacement turns it. Oracle: enumeration, by how many good, bad and other words a reply has, which is
 * all that the label depends on. Size: 6^7 = 279,936 replies in 36 kinds. Lesson 20.
 */
export interface HarshSmoothing {
  /** Share of replies whose label is certified against d replacements. */
  readonly certified: number;
  /** Share of replies whose label really survives all of them. */
  readonly robust: number;
  /** Share that is certified and yet not robust: 0, or the certificate is wrong. */
  readonly unsound: number;
}

/**
 * Certified against truly robust, k words kept of n (default 7), d replaced.
 * @throws DomainError where votes can tie (C(n, k) even), or for numbers that cannot be
 * @example harshSmoothing({ kept: 1, changed: 1 }).certified // 0.9062
 */
export function harshSmoothing(options: { kept: number; changed: number; words?: number }): HarshSmoothing {
  const { kept, changed, words = 7 } = options;
  checkCount("words", words);
  if (words > 20) throw new DomainError(complaint("words", "at most 20", words));
  const kinds = kindsOf(words).map((kind) => ({ ...kind, harshShare: harshShare(kind, kept) }));
  if (kinds.some(({ harshShare: share }) => Math.abs(share - 0.5) < 1e-12)) {
    throw new DomainError(complaint("words and kept", "numbers without ties of votes", [words, kept]));
  }
  const out = { certified: 0, robust: 0, unsound: 0 };
  for (const kind of kinds) {
    const harsh = kind.harshShare > 0.5;
    const share = harsh ? kind.harshShare : 1 - kind.harshShare;
    const { certified } = smoothingCertificate({ share, words, kept, changed });
    const robust = kinds.every((other) => replacements(kind, other) > changed || other.harshShare > 0.5 === harsh);
    if (certified) out.certified += kind.probability;
    if (robust) out.robust += kind.probability;
    if (certified && !robust) out.unsound += kind.probability;
  }
  return out;
}

interface Kind {
  readonly good: number;
  readonly bad: number;
  readonly other: number;
}

/** All kinds of replies, with their probability: good and bad with 1/6 each, four other words. */
function kindsOf(n: number): (Kind & { probability: number })[] {
  const kinds: (Kind & { probability: number })[] = [];
  for (let good = 0; good <= n; good++) {
    for (let bad = 0; good + bad <= n; bad++) {
      const other = n - good - bad;
      const logCount = logGamma(n + 1) - logGamma(good + 1) - logGamma(bad + 1) - logGamma(other + 1);
      const probability = Math.exp(logCount + other * Math.log(4) - n * Math.log(6));
      kinds.push({ good, bad, other, probability });
    }
  }
  return kinds;
}

const [GOOD, BAD, SEA] = ["good", "bad", "sea"].map((word) => (phraseWords as readonly string[]).indexOf(word));

function harshShare({ good, bad, other }: Kind, kept: number): number {
  const reply = [
    ...new Array<number>(good).fill(GOOD),
    ...new Array<number>(bad).fill(BAD),
    ...new Array<number>(other).fill(SEA),
  ];
  return ablationShare(reply, kept, (words) => lexiconScore(words) < 0);
}

/** The least number of words to replace on the way from one kind to the other. */
function replacements(from: Kind, to: Kind): number {
  return Math.max(0, from.good - to.good) + Math.max(0, from.bad - to.bad) + Math.max(0, from.other - to.other);
}
