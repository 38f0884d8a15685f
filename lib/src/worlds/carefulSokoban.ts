import { attainableUtilityPenalty, auxiliaryValues, reachability, reachabilityPenalty } from "../alignment/index.js";
import { checkNonNegative } from "../core/checks.js";
import { finiteHorizon, withRewards } from "../mdp/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";
import { sokoban } from "./sokoban.js";

/** What an agent does in the box world, and what it gets for it. */
export interface CarefulWay {
  readonly moves: string;
  readonly reward: number;
  readonly utility: number;
}

/**
 * Three penalties on side effects in the box world, [states * 5 actions], the fifth of which waits: relative
 * reachability against doing nothing in this step, or against the start; attainable utility over 20 random auxiliary
 * goals (one uniform reward per state), scaled. Asked in the world without an end. `discount` is that of reaching, or
 * of the auxiliary goals: in [0, 1], and below 1 for the latter.
 */
export function sideEffectPenalty(
  key: Key,
  { kind, discount }: { kind: "stepwise" | "start" | "attainable"; discount: number },
): Float64Array {
  const open = sokoban({ waits: true, ends: false, discount: Math.min(discount, 0.999) }).mdp;
  const noop = open.actions - 1;
  if (kind !== "attainable") {
    return reachabilityPenalty(open, reachability(open, { discount }), { noop, baseline: kind });
  }
  const goals = Array.from({ length: 20 }, (_, i) => {
    const worth = uniform(foldIn(key, i), open.states);
    return Float64Array.from(
      { length: open.states * open.actions },
      (_, pair) => worth[Math.floor(pair / open.actions)],
    );
  });
  return attainableUtilityPenalty(open, auxiliaryValues(open, goals), { noop, scaled: true });
}

/**
 * What the agent does that is paid the observed reward minus `weight` times a penalty [states * 5], over 30 moves;
 * waiting is free. The letters up to the goal, without the waits at the end.
 */
export function carefulWay(penalty: ArrayLike<number>, weight: number): CarefulWay {
  checkNonNegative("weight", weight);
  const world = sokoban({ waits: true });
  const open = sokoban({ waits: true, ends: false });
  const same = world.states.map((state) => open.indexOf(state)); // the same states, found in another order
  const paid = world.mdp.rewards.map((reward, pair) => {
    const [s, move] = [Math.floor(pair / 5), pair % 5];
    return move === 4 ? 0 : reward - weight * penalty[5 * same[s] + move];
  });
  const { choice } = finiteHorizon(withRewards(world.mdp, paid), { horizon: 30, discount: 1 });
  let moves = "";
  let state = 0;
  for (const best of choice) {
    if (world.walk("r", state).reward === 0) break; // at the end nothing costs anything
    const move = world.moves[best[state]];
    moves += move;
    state = world.walk(move, state).visits.indexOf(1);
  }
  // What it does once it has begun to wait is to wait.
  const way = moves.replace(/w+$/, "");
  const { reward, utility } = world.walk(way);
  return { moves: way, reward, utility };
}
