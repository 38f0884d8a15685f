import { complaint, DomainError } from "../../core/index.js";

export type Quantifier = "exists" | "forAll";

export interface QuantifiedDebate {
  /** Whether the formula is true. */
  truth: boolean;
  /** The one line of play that the judge sees: a value for each variable. */
  line: boolean[];
  /** How often the formula was evaluated by whoever plays (2^n without a debate), and by the judge (once). */
  evaluations: number;
  judged: number;
}

/**
 * A quantified formula Q1 x1 Q2 x2 ... Qn xn: holds(x1, ..., xn), settled by a debate: one debater chooses the values
 * of the variables that must exist, the other of those that stand for all; the judge evaluates the formula once, on
 * the line played. With both playing at their best its verdict is the truth, although to check the formula alone
 * takes 2^n evaluations: a polynomial judge can settle all of PSPACE, where one adviser can settle NP (Irving et al.
 * 2018, arXiv:1805.00899, theorem 1).
 * @example quantifiedDebate(["forAll", "exists"], ([x, y]) => x !== y).truth // true
 * @throws DomainError for more than 20 variables, or none
 */
export function quantifiedDebate(
  quantifiers: readonly Quantifier[],
  holds: (values: readonly boolean[]) => boolean,
): QuantifiedDebate {
  const n = quantifiers.length;
  if (!(n >= 1 && n <= 20)) throw new DomainError(complaint("quantifiers", "1 to 20 of them", quantifiers));
  quantifiers.forEach((quantifier, i) => {
    if (quantifier !== "exists" && quantifier !== "forAll") {
      throw new DomainError(complaint(`quantifiers[${i}]`, '"exists" or "forAll"', quantifier));
    }
  });
  let evaluations = 0;
  const play = (values: readonly boolean[]): { truth: boolean; line: readonly boolean[] } => {
    if (values.length === n) {
      evaluations++;
      return { truth: holds(values), line: values };
    }
    const wanted = quantifiers[values.length] === "exists";
    const [no, yes] = [play([...values, false]), play([...values, true])];
    return no.truth === wanted ? no : yes;
  };
  const { truth, line } = play([]);
  return { truth, line: [...line], evaluations, judged: 1 };
}
