import { type Gridworld, gridworld } from "../mdp/index.js";

/** A world of goal and lava, and the features that rewards are made of. */
export interface GoalAndLava extends Gridworld {
  /** What arriving pays for a weight of 1: the goal, the lava, and 1 for every step. [3][states * actions] */
  readonly features: readonly Float64Array[];
  readonly names: readonly string[];
}

/**
 * Four fields by four: from the corner "S" to the goal "G" in the other one, three fields of lava "L" on the short way.
 * Each move slips to either side with probability `slip`. Nothing ends: who stays at the goal is at the goal in every
 * step. The rewards of `mdp` are 0; a reward is a mix of the features. `chart` may be another one. Lesson 15.
 */
export function goalAndLava({
  slip = 0.1,
  discount = 0.9,
  chart = ["S...", ".LL.", ".L..", "...G"],
}: {
  slip?: number;
  discount?: number;
  chart?: readonly string[];
} = {}): GoalAndLava {
  const world = gridworld(chart, { slip, discount });
  const always = new Float64Array(world.mdp.states * world.mdp.actions).fill(1);
  return {
    ...world,
    features: [world.onArriving({ G: 1 }), world.onArriving({ L: 1 }), always],
    names: ["goal", "lava", "every step"],
  };
}
