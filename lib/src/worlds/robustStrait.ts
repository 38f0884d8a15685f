import { optimalPolicy, policyReturn, type TabularMdp, type TabularPolicy, tabularMdp } from "../mdp/index.js";
import { l1Set, neighbours, robustValueIteration, worstCaseValue } from "../robust/index.js";
import { type Strait, strait } from "./strait.js";

/** One plan for the strait: for the nominal current, or for the worst within a radius. */
export interface StraitPlan {
  policy: TabularPolicy;
  /** What it earns if the current is as charted. */
  nominal: number;
  /** What it earns if nature does its worst within the radius, in each field anew. */
  worst: number;
  /** What it earns if every field has the same slip to either side, one number for each of `slips`. */
  slipping: number[];
}

/**
 * The strait when the current is not known: 1 for the harbour, less `price` for each shoal, and nature may move
 * radius / 2 of the mass of each move among the fields next to the ship. Compares the plan for the charted current with
 * the one for the worst (robust value iteration), also where the truth is a greater slip, common to all fields:
 * nature's freedom to slip differently everywhere is pessimism. `nominal`, `worst` and `slipping` are discounted reward
 * from the start.
 * @example
 * const { robust } = robustStrait(0.4);
 * [robust.worst, robust.nominal] // [0.0677, 0.4183]
 */
export function robustStrait(
  radius: number,
  { price = 0.3, slips = [0.05, 0.1, 0.15, 0.2] }: { price?: number; slips?: readonly number[] } = {},
): { optimal: StraitPlan; robust: StraitPlan } {
  const world = strait();
  const mdp = paidOnBoard(world, price);
  const worst = l1Set(radius, { possible: neighbours(mdp) });
  const first = world.start;
  const plan = (policy: TabularPolicy): StraitPlan => ({
    policy: policy.subarray(0, world.mdp.states * world.mdp.actions),
    nominal: policyReturn(mdp, policy) / mdp.discount,
    worst: worstCaseValue(mdp, policy, worst)[first] / mdp.discount,
    slipping: slips.map((slip) => policyReturn(paidOnBoard(strait({ slip }), price), policy) / mdp.discount),
  });
  return { optimal: plan(optimalPolicy(mdp).policy), robust: plan(robustValueIteration(mdp, worst).policy) };
}

/**
 * The strait with rewards paid in the field that was come to, one move late (times the discount), so that nature's
 * choice of the field decides them too; after the harbour comes a state of its own where nothing happens.
 */
function paidOnBoard({ mdp, fields, harbour }: Strait, price: number): TabularMdp {
  const { actions, discount } = mdp;
  const states = mdp.states + 1;
  const transitions = new Float64Array(states * actions * states);
  const rewards = new Float64Array(states * actions);
  for (let pair = 0; pair < states * actions; pair++) {
    const s = Math.floor(pair / actions);
    if (s === harbour || s === mdp.states) {
      transitions[pair * states + mdp.states] = 1;
    } else {
      transitions.set(mdp.transitions.subarray(pair * mdp.states, (pair + 1) * mdp.states), pair * states);
    }
    if (fields[s] === "H") rewards[pair] = 1;
    if (fields[s] === "~") rewards[pair] = -price;
  }
  return tabularMdp({ states, actions, transitions, rewards, discount, start: [...mdp.start, 0] });
}
