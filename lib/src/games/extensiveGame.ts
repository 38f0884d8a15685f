import { complaint, DomainError } from "../core/index.js";

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

function probabilities(node: Extract<GameNode, { player: 0 | 1 }>, strategy: BehaviourStrategy): Float64Array {
  const known = strategy.get(node.informationSet);
  const actions = node.next.length;
  if (known === undefined) return new Float64Array(actions).fill(1 / actions);
  checkLocal(node.informationSet, known, actions);
  return Float64Array.from(known);
}

/** @throws DomainError unless these are as many probabilities as there are actions, and add up to 1 */
export function checkLocal(set: string, probabilities: ArrayLike<number>, actions: number): void {
  const what = `strategy in "${set}"`;
  if (probabilities.length !== actions) {
    throw new DomainError(complaint(what, `${actions} probabilities`, probabilities));
  }
  let sum = 0;
  for (let a = 0; a < actions; a++) sum += probabilities[a] >= 0 ? probabilities[a] : Number.NaN;
  if (!(Math.abs(sum - 1) <= 1e-6)) {
    throw new DomainError(complaint(what, "probabilities that add up to 1", probabilities));
  }
}
