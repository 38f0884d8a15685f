import { checkPositive } from "../core/checks.js";
import { ConvergenceError, complaint, DomainError } from "../core/index.js";
import type { BehaviourStrategy, GameNode } from "./extensiveGame.js";
import {
  localProbabilities,
  type SequenceForm,
  type Sequences,
  sequenceForm,
  sequenceGains,
  sequenceWeights,
  strategyOfWeights,
} from "./sequenceForm.js";

/**
 * The logit equilibrium of a game of turns: each player earns payoff plus alpha times the dilated entropy, sum over
 * information sets of (own weight of the set) x (entropy of the actions in it), and answers the other best. It is
 * the quantal response equilibrium of the game's reduced normal form, at a temperature of alpha (McKelvey and Palfrey
 * 1995). With a `magnet` each pays alpha times the dilated KL to that strategy instead. Chance and the other player do
 * not weigh the entropy: where they seldom lead, the play stays nearly uniform even at a small alpha.
 *
 * By magnetic mirror descent (Sokota et al. 2023, arXiv:2206.05825), players in turn: its *last* iterate converges,
 * at a linear rate.
 * @param eta the step's size; alpha over the squared largest payoff by default
 * @param tolerance how far a probability may be from the player's own best answer
 * @throws DomainError unless alpha > 0; ConvergenceError if `iterations` do not suffice
 */
export function logitEquilibrium(
  game: GameNode,
  options: { alpha: number; magnet?: BehaviourStrategy; eta?: number; tolerance?: number; iterations?: number },
): Map<string, Float64Array> {
  const form = sequenceForm(game);
  const { alpha, magnet, tolerance = 1e-10, iterations = 1_000_000 } = options;
  const eta = options.eta ?? alpha / largestPayoff(game) ** 2;
  checkPositive("alpha", alpha);
  checkPositive("eta", eta);
  const players = form.players.map((sets) => responder(sets, magnet)) as [Responder, Responder];
  let away = Number.POSITIVE_INFINITY;
  for (let t = 0; t < iterations; t++) {
    away = 0;
    for (const player of [0, 1] as const) {
      const own = players[player];
      const others = players[1 - player].plan;
      away = Math.max(away, distance(own, bestAnswer(form, player, own, others, alpha)));
      own.local.set(mirrorAnswer(form, player, own, others, alpha, eta));
      sequenceWeights(own.sets, own.local, own.plan);
    }
    if (away <= tolerance) {
      return strategyOfWeights(
        form,
        players.map(({ local }) => local),
      );
    }
  }
  throw new ConvergenceError(
    `logitEquilibrium: after ${iterations} iterations a probability is still ${away.toPrecision(3)} from the best answer ` +
      `(tolerance ${tolerance}). Allow more iterations, a smaller eta or a larger alpha`,
  );
}

interface Responder {
  readonly sets: Sequences;
  readonly local: Float64Array;
  readonly plan: Float64Array;
  /** log of the magnet's probabilities; all 0, and so no part of a softmax, if there is none. */
  readonly magnet: Float64Array;
}

function responder(sets: Sequences, magnet: BehaviourStrategy | undefined): Responder {
  const local = localProbabilities(sets);
  const plan = new Float64Array(sets.count);
  sequenceWeights(sets, local, plan);
  const pull = magnet === undefined ? new Float64Array(sets.count) : localProbabilities(sets, magnet).map(Math.log);
  if (!pull.every(Number.isFinite)) {
    throw new DomainError(complaint("magnet", "probabilities above 0, in every information set", magnet));
  }
  return { sets, local, plan, magnet: pull };
}

/** What maximises gains - alpha KL to the magnet. */
function bestAnswer(form: SequenceForm, player: 0 | 1, own: Responder, others: Float64Array, alpha: number) {
  const gains = new Float64Array(own.sets.count);
  sequenceGains(form, player, others, gains);
  for (let s = 1; s < gains.length; s++) gains[s] += alpha * own.magnet[s];
  return softAnswer(own.sets, gains, alpha);
}

/** What maximises eta (gains - alpha KL to the magnet) - KL to where it stands. */
function mirrorAnswer(
  form: SequenceForm,
  player: 0 | 1,
  own: Responder,
  others: Float64Array,
  alpha: number,
  eta: number,
) {
  const gains = new Float64Array(own.sets.count);
  sequenceGains(form, player, others, gains);
  for (let s = 1; s < gains.length; s++) {
    gains[s] = eta * (gains[s] + alpha * own.magnet[s]) + Math.log(own.local[s]);
  }
  return softAnswer(own.sets, gains, 1 + eta * alpha);
}

/**
 * The strategy that maximises sum_s weight_s gains_s + temperature x dilated entropy: from the last sets to the first.
 */
function softAnswer(sets: Sequences, gains: Float64Array, temperature: number): Float64Array {
  const { parent, first, actions, count } = sets;
  const local = new Float64Array(count).fill(1);
  for (let k = parent.length - 1; k >= 0; k--) {
    const [start, end] = [first[k], first[k] + actions[k]];
    let top = Number.NEGATIVE_INFINITY;
    for (let s = start; s < end; s++) top = Math.max(top, gains[s]);
    let total = 0;
    for (let s = start; s < end; s++) {
      local[s] = Math.exp((gains[s] - top) / temperature);
      total += local[s];
    }
    for (let s = start; s < end; s++) local[s] /= total;
    gains[parent[k]] += top + temperature * Math.log(total);
  }
  return local;
}

function distance({ local }: Responder, answer: Float64Array): number {
  let most = 0;
  for (let s = 0; s < local.length; s++) most = Math.max(most, Math.abs(local[s] - answer[s]));
  return most;
}

function largestPayoff(node: GameNode): number {
  if ("payoff" in node) return Math.abs(node.payoff);
  const next = "chance" in node ? node.chance.map((draw) => draw.next) : node.next;
  return next.reduce((most, child) => Math.max(most, largestPayoff(child)), 0);
}
