import { complaint, DomainError } from "../core/index.js";
import { type Key, normal, sampleWithoutReplacement, split } from "../random/index.js";

export interface DraftsOptions {
  /** How many different texts; default 24. */
  texts?: number;
  /** What there is to know about a text; default 6 features. */
  traits?: number;
  /** The standard deviation of utility over texts, in nats; default 1.5. */
  spread?: number;
  /**
   * How much two versions of a text differ in the model's eyes, against two texts; default 0.1. With one prior for all
   * weights this is how much a learner believes, before the first answer, that commas may matter: it decides what the
   * ways of asking do with ties.
   */
  versionSize?: number;
  /** How many questions between different texts; default 144, as many as there are ties among 24 texts. */
  contests?: number;
}

/** Texts in several versions, and the questions about them. The utilities are known to us only. */
export interface DraftsWorld {
  /** [items, traits + 2]: the text's traits, then the version's two. */
  features: number[][];
  /** [items] in nats: it depends on the text and not on the version. */
  utility: number[];
  /** The true weights of the features, [traits + 2]; the last two are 0. */
  weights: number[];
  /** Pairs of items: ties first, then contests. */
  questions: [number, number][];
  /** [questions] whether the two items have exactly the same utility. */
  isTie: boolean[];
  /** Pairs of different texts that are not among the questions, in any version. */
  heldOut: [number, number][];
}

/** Commas and dashes, as the model sees them. */
const versions = [
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1.3, 1.1],
] as const;

/**
 * A world where some questions have no answer to be learned: every text comes in four versions that differ in their
 * commas and dashes, as samples of a language model do, and people care about the text alone. Half of the questions
 * show one text in two versions: true ties, where a labeler flips a coin for ever (aleatoric). The other half compare
 * two texts in the same version: unknown at first, but each answer tells something about the traits that people value
 * (epistemic), and nothing about commas. Held-out pairs differ in both. The learner's model is right: utility is linear
 * in the features it sees; it only does not know that commas weigh nothing.
 * @throws DomainError for fewer than 2 texts, fewer than 1 trait, or more contests than there are
 */
export function draftsWorld(key: Key, options: DraftsOptions = {}): DraftsWorld {
  const { texts = 24, traits = 6, spread = 1.5, versionSize = 0.1, contests = 144 } = options;
  for (const [what, value, least] of [
    ["texts", texts, 2],
    ["traits", traits, 1],
    ["contests", contests, 1],
  ] as const) {
    if (!(Number.isInteger(value) && value >= least)) {
      throw new DomainError(complaint(what, `a whole number of at least ${least}`, value));
    }
  }
  const [traitKey, weightKey, contestKey, heldOutKey] = split(key, 4);
  const noise = normal(traitKey, texts * traits);
  const direction = normal(weightKey, traits);
  const length = Math.sqrt(direction.reduce((sum, w) => sum + w * w, 0));
  const weights = [...Array.from(direction, (w) => (spread * w) / length), 0, 0];
  const features: number[][] = [];
  for (let text = 0; text < texts; text++) {
    const own = noise.slice(text * traits, (text + 1) * traits);
    for (const [commas, dashes] of versions) features.push([...own, versionSize * commas, versionSize * dashes]);
  }
  const utility = features.map((row) => row.reduce((sum, x, c) => sum + x * weights[c], 0));
  const item = (text: number, version: number) => text * versions.length + version;

  const ties: [number, number][] = [];
  const sameVersion: [number, number][] = [];
  const otherVersion: [number, number][] = [];
  for (let a = 0; a < texts; a++) {
    for (let i = 0; i < versions.length; i++) {
      for (let j = i + 1; j < versions.length; j++) ties.push([item(a, i), item(a, j)]);
      for (let b = a + 1; b < texts; b++) {
        for (let j = 0; j < versions.length; j++) {
          (i === j ? sameVersion : otherVersion).push([item(a, i), item(b, j)]);
        }
      }
    }
  }
  if (contests > sameVersion.length) {
    throw new DomainError(complaint("contests", `at most ${sameVersion.length} for ${texts} texts`, contests));
  }
  return {
    features,
    utility,
    weights,
    questions: [...ties, ...sampleWithoutReplacement(contestKey, sameVersion, contests)],
    isTie: Array.from({ length: ties.length + contests }, (_, q) => q < ties.length),
    heldOut: sampleWithoutReplacement(heldOutKey, otherVersion, Math.min(200, otherVersion.length)),
  };
}
