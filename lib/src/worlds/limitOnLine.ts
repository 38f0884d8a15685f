import { complaint, DomainError } from "../core/index.js";
import { type Key, split, uniform } from "../random/index.js";

export interface LimitOptions {
  /** How many limits there are, 0 to places - 1, all as likely before the first answer; default 64. */
  places?: number;
  /** How often the person says the opposite, in [0, 1/2]; known to whoever asks. Default 0.2. */
  slip?: number;
  /** How many questions; default 40. */
  questions?: number;
  /**
   * The next question q, 1 to places - 1, from the belief (one probability for each limit) and a number in
   * [0, 1) for those that draw.
   */
  choose: (belief: readonly number[], luck: number) => number;
}

/** Who was asked, what, and what was believed after 0, 1, ... answers. */
export interface LimitRun {
  limit: number;
  asked: number[];
  /** [questions + 1][places] */
  beliefs: number[][];
}

/**
 * A person with a limit on a line: question q is "is q too much?", answered yes where limit < q, or the opposite by a
 * slip. The belief is exact, by Bayes' rule. Asked at the median of the belief it is probabilistic bisection (Horstein
 * 1963; Jedynak, Frazier and Sznitman 2012), and an answer tells ln 2 - h(slip) nats as long as some question halves
 * the belief. Lessons: 03.
 * @throws DomainError for fewer than 2 places, a slip outside [0, 1/2], or a question that does not exist
 */
export function askForLimit(key: Key, options: LimitOptions): LimitRun {
  const { places = 64, slip = 0.2, questions = 40, choose } = options;
  for (const [what, value, least] of [
    ["places", places, 2],
    ["questions", questions, 0],
  ] as const) {
    if (!(Number.isInteger(value) && value >= least)) {
      throw new DomainError(complaint(what, `a whole number of at least ${least}`, value));
    }
  }
  if (!(slip >= 0 && slip <= 0.5)) throw new DomainError(complaint("slip", "a number in [0, 1/2]", slip));
  const [whoKey, chooseKey, slipKey] = split(key, 3);
  const limit = Math.floor(uniform(whoKey, 1)[0] * places);
  const [luck, slips] = [uniform(chooseKey, questions), uniform(slipKey, questions)];
  const asked: number[] = [];
  const beliefs = [Array<number>(places).fill(1 / places)];
  for (let n = 0; n < questions; n++) {
    const q = choose(beliefs[n], luck[n]);
    if (!(Number.isInteger(q) && q >= 1 && q < places)) {
      throw new DomainError(complaint("choose's question", `a whole number from 1 to ${places - 1}`, q));
    }
    const yes = limit < q !== slips[n] < slip;
    const weights = beliefs[n].map((p, c) => p * (c < q === yes ? 1 - slip : slip));
    const total = weights.reduce((a, b) => a + b);
    asked.push(q);
    beliefs.push(weights.map((weight) => weight / total));
  }
  return { limit, asked, beliefs };
}
