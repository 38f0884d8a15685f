import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { linearProgram } from "../../numerics/index.js";

/** A question with a yes-or-no answer, of which a prover can show the verifier one piece of evidence. */
export interface ProverVerifierGame {
  /** How probable each situation is, [situations]; they add up to 1. */
  probabilities: ArrayLike<number>;
  /** Whether the right answer is yes, [situations]. */
  truth: readonly boolean[];
  /** Which pieces of evidence the prover can show, by number, [situations][one or more]; twelve pieces at most. */
  evidence: readonly (readonly number[])[];
}

export interface ProverVerifierOutcome {
  /** How often the verifier says yes, which is all that the prover wants. */
  approval: number;
  /** How often the verifier is right. */
  accuracy: number;
  /** To which pieces of evidence it says yes. */
  accepted: number[];
}

/**
 * The question "is there a 1?" about three bits: 000 with probability 1 - prior, the seven others alike. The prover can
 * show one bit: piece 2 i + b is "bit i is b".
 * @throws DomainError for a prior outside [0, 1]
 */
export function isThereAOne(prior: number): ProverVerifierGame {
  if (!(prior >= 0 && prior <= 1)) throw new DomainError(complaint("prior", "a probability", prior));
  const situations = Array.from({ length: 8 }, (_, x) => [x & 1, (x >> 1) & 1, x >> 2]);
  return {
    probabilities: situations.map((_, x) => (x === 0 ? 1 - prior : prior / 7)),
    truth: situations.map((_, x) => x > 0),
    evidence: situations.map((bits) => bits.map((bit, i) => 2 * i + bit)),
  };
}

/**
 * The verifier leads: it commits to the evidence that it accepts, then the prover shows accepted evidence wherever it
 * has any. The best rule by accuracy, over all of them (among equals the one that accepts less). Anil et al. 2021,
 * arXiv:2108.12099; Kirchner et al. 2024, arXiv:2407.13692.
 */
export function verifierLeads(game: ProverVerifierGame): ProverVerifierOutcome {
  const pieces = checkGame(game);
  let best: ProverVerifierOutcome = { approval: 0, accuracy: -1, accepted: [] };
  for (const accepted of subsets(pieces)) {
    let [approval, accuracy] = [0, 0];
    game.evidence.forEach((shown, x) => {
      const yes = shown.some((piece) => accepted.has(piece));
      if (yes) approval += game.probabilities[x];
      if (yes === game.truth[x]) accuracy += game.probabilities[x];
    });
    if (accuracy > best.accuracy + 1e-12) best = { approval, accuracy, accepted: [...accepted] };
  }
  return best;
}

/**
 * The prover leads: it commits to how it shows evidence, at random if it likes, and the verifier, who knows how, says
 * yes to a piece where yes is at least as probable as no given that it is shown (Bayesian persuasion, Kamenica and
 * Gentzkow 2011). For every set of accepted pieces a linear program finds the showing with the most approval to which
 * that set is the verifier's best answer; the best of them all, and among equals the more accurate.
 */
export async function proverLeads(game: ProverVerifierGame): Promise<ProverVerifierOutcome> {
  const pieces = checkGame(game);
  const { probabilities, truth, evidence } = game;
  const showings = evidence.flatMap((shown, x) => shown.map((piece) => ({ x, piece })));
  const numbers = showings.map(({ x, piece }, i) => ({ i, x, piece, signed: truth[x] ? 1 : -1 }));
  let best: ProverVerifierOutcome = { approval: -1, accuracy: 0, accepted: [] };
  for (const accepted of subsets(pieces)) {
    const approves = numbers.filter(({ piece }) => accepted.has(piece));
    // Variables: P(situation and shown piece). The verifier must want to accept just these pieces.
    const obeys = pieces.map((piece) => {
      const form = numbers.filter((one) => one.piece === piece).map(({ i, signed }) => [i, signed] as const);
      return accepted.has(piece) ? { form, atLeast: 0 } : { form, atMost: 0 };
    });
    const shownAll = evidence.map((_, x) => ({
      form: numbers.filter((one) => one.x === x).map(({ i }) => [i, 1] as const),
      equals: probabilities[x],
    }));
    let optimum: Awaited<ReturnType<typeof linearProgram>>;
    try {
      optimum = await linearProgram({
        variables: numbers.length,
        // A trace of accuracy decides among equals.
        maximise: approves.map(({ i, signed }) => [i, 1 + 1e-7 * signed] as const),
        subjectTo: [...obeys, ...shownAll],
      });
    } catch (error) {
      if (error instanceof Error && error.name === "InfeasibleError") continue;
      throw error;
    }
    const approval = approves.reduce((sum, { i }) => sum + optimum.x[i], 0);
    const right = numbers.filter(({ x, piece }) => truth[x] === accepted.has(piece));
    const accuracy = right.reduce((sum, { i }) => sum + optimum.x[i], 0);
    const isBetter =
      approval > best.approval + 1e-9 || (approval > best.approval - 1e-9 && accuracy > best.accuracy + 1e-9);
    if (isBetter) best = { approval, accuracy, accepted: [...accepted] };
  }
  return best;
}

function* subsets(pieces: readonly number[]): Generator<Set<number>> {
  for (let bits = 0; bits < 2 ** pieces.length; bits++) yield new Set(pieces.filter((_, i) => (bits >> i) & 1));
}

/** All pieces of evidence there are. */
function checkGame({ probabilities, truth, evidence }: ProverVerifierGame): number[] {
  const n = evidence.length;
  if (n === 0 || probabilities.length !== n || truth.length !== n) {
    throw new ShapeError(complaint("evidence", "one list for each situation, at least one", evidence));
  }
  let total = 0;
  for (let x = 0; x < n; x++) {
    total += probabilities[x] >= 0 ? probabilities[x] : Number.NaN;
    if (evidence[x].length === 0) throw new ShapeError(complaint(`evidence[${x}]`, "at least one piece", evidence[x]));
  }
  if (!(Math.abs(total - 1) <= 1e-9)) {
    throw new DomainError(complaint("probabilities", "probabilities that add up to 1", probabilities));
  }
  const pieces = [...new Set(evidence.flat())].sort((a, b) => a - b);
  if (pieces.length > 12) throw new DomainError(complaint("evidence", "twelve pieces at most", pieces.length));
  return pieces;
}
