import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { regretMatchingStrategy } from "./learning.js";

/**
 * A place in a two-player zero-sum game of turns: its end, a draw of chance, or a decision by a player who knows
 * `informationSet`, no more.
 */
export type GameNode =
  | { readonly payoff: number }
  | { readonly chance: readonly { readonly probability: number; readonly next: GameNode }[] }
  | { readonly player: 0 | 1; readonly informationSet: string; readonly next: readonly GameNode[] };

/**
 * What is done in each information set: a probability for each of its actions. Sets that are not
 * named are played uniformly.
 */
export type BehaviourStrategy = ReadonlyMap<string, ArrayLike<number>>;

/** What player 0 gets on average. */
export function gameValue(node: GameNode, strategy: BehaviourStrategy): number {
  if ("payoff" in node) return node.payoff;
  if ("chance" in node)
    return node.chance.reduce((sum, { probability, next }) => sum + probability * gameValue(next, strategy), 0);
  return probabilities(node, strategy).reduce(
    (sum, p, a) => (p === 0 ? sum : sum + p * gameValue(node.next[a], strategy)),
    0,
  );
}

/**
 * What a player gets who answers the other's strategy best, without knowing what that player does not know.
 * Perfect recall is assumed.
 */
export function bestResponseValue(game: GameNode, player: 0 | 1, strategy: BehaviourStrategy): number {
  // Nodes with the probability that chance and the other bring the play there; those of one information
  // set are decided together.
  const value = (places: readonly (readonly [GameNode, number])[]): number => {
    let sum = 0;
    const own = new Map<string, [Extract<GameNode, { player: 0 | 1 }>, number][]>();
    const walk = (node: GameNode, reach: number): void => {
      if (reach === 0) return;
      if ("payoff" in node) sum += reach * (player === 0 ? node.payoff : -node.payoff);
      else if ("chance" in node) for (const { probability, next } of node.chance) walk(next, reach * probability);
      else if (node.player === player) {
        own.set(node.informationSet, [...(own.get(node.informationSet) ?? []), [node, reach]]);
      } else probabilities(node, strategy).forEach((p, a) => void walk(node.next[a], reach * p));
    };
    for (const [node, reach] of places) walk(node, reach);
    for (const nodes of own.values()) {
      const answers = nodes[0][0].next.map((_, a) =>
        value(nodes.map(([node, reach]) => [node.next[a], reach] as const)),
      );
      sum += answers.reduce((a, b) => Math.max(a, b));
    }
    return sum;
  };
  return value([[game, 1]]);
}

/** How much both could gain by answering best, summed: 0 at an equilibrium and nowhere else. */
export function gameNashConv(game: GameNode, strategy: BehaviourStrategy): number {
  return bestResponseValue(game, 0, strategy) + bestResponseValue(game, 1, strategy);
}

/**
 * Counterfactual regret minimisation (Zinkevich et al. 2007): in each information set regret matching on counterfactual
 * values, that is values weighted by how probably the *others* bring the play there; players in turn. The average
 * strategy, weighted by one's own reach, converges to an equilibrium at O(1 / sqrt(iterations)); the last one need not.
 * `plus` keeps regrets at 0 or above and weighs the average by the iteration (Tammelin 2014, arXiv:1407.5042).
 * @example
 * const { average } = counterfactualRegret(kuhnPoker(), { iterations: 1000, plus: true });
 * gameValue(kuhnPoker(), average) // -0.0556
 */
export function counterfactualRegret(
  game: GameNode,
  { iterations, plus = false }: { iterations: number; plus?: boolean },
): { average: Map<string, Float64Array>; last: Map<string, Float64Array> } {
  checkCount("iterations", iterations);
  const regrets = new Map<string, Float64Array>();
  const sums = new Map<string, Float64Array>();
  const last = new Map<string, Float64Array>();
  /** The value for `learner`; own is its own reach, others' that of chance and the opponent. */
  const walk = (node: GameNode, learner: 0 | 1, own: number, others: number, weight: number): number => {
    if ("payoff" in node) return learner === 0 ? node.payoff : -node.payoff;
    if ("chance" in node) {
      return node.chance.reduce(
        (sum, { probability, next }) => sum + probability * walk(next, learner, own, others * probability, weight),
        0,
      );
    }
    const { informationSet, next, player } = node;
    const strategy = probabilities(node, last);
    if (player !== learner) {
      return strategy.reduce((sum, p, a) => sum + p * walk(next[a], learner, own, others * p, weight), 0);
    }
    const values = Float64Array.from(next, (child, a) => walk(child, learner, own * strategy[a], others, weight));
    const value = values.reduce((sum, v, a) => sum + strategy[a] * v, 0);
    const regret = entry(regrets, informationSet, next.length);
    const sum = entry(sums, informationSet, next.length);
    for (let a = 0; a < next.length; a++) {
      regret[a] += others * (values[a] - value);
      sum[a] += weight * own * strategy[a];
    }
    return value;
  };
  for (let t = 1; t <= iterations; t++) {
    for (const learner of [0, 1] as const) {
      walk(game, learner, 1, 1, plus ? t : 1);
      for (const [set, regret] of regrets) {
        if (plus) for (let a = 0; a < regret.length; a++) regret[a] = Math.max(regret[a], 0);
        last.set(set, regretMatchingStrategy(regret));
      }
    }
  }
  const average = new Map<string, Float64Array>();
  for (const [set, sum] of sums) average.set(set, regretMatchingStrategy(sum));
  return { average, last };
}

function entry(map: Map<string, Float64Array>, set: string, actions: number): Float64Array {
  const found = map.get(set) ?? new Float64Array(actions);
  map.set(set, found);
  return found;
}

function probabilities(node: Extract<GameNode, { player: 0 | 1 }>, strategy: BehaviourStrategy): Float64Array {
  const known = strategy.get(node.informationSet);
  const actions = node.next.length;
  if (known === undefined) return new Float64Array(actions).fill(1 / actions);
  if (known.length !== actions) {
    throw new DomainError(complaint(`strategy in "${node.informationSet}"`, `${actions} probabilities`, known));
  }
  return Float64Array.from(known);
}
