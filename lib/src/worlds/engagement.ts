import { checkCount, checkDiscount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { optimalPolicy, tabularMdp } from "../mdp/index.js";
import { indexOfGreatest } from "../numerics/greatest.js";
import { linspace } from "../numerics/index.js";

/** How much a person is held by an item (-1 to 1) with this taste: near to the taste, and strong ones more. */
export function engagement(item: number, taste: number): number {
  return Math.exp(-((item - taste) ** 2) / 0.5) * (1 + 0.6 * Math.abs(item));
}

/** What a round of looking does to a taste: it moves this share of the way to the item. */
const PULL = 0.1;
/** Tastes and items between which plans are made; values between tastes are interpolated. */
const TASTES = linspace(-1, 1, 101);
const ITEMS = linspace(-1, 1, 101);

/** What a planner shows and what becomes of the person. */
export interface EngagementPath {
  /** The item of each round, [rounds]. */
  readonly items: Float64Array;
  /** The taste before each round and after the last, [rounds + 1]. */
  readonly tastes: Float64Array;
  /** Engagement of each round, [rounds]. */
  readonly engagements: Float64Array;
}

/**
 * A planner that shows one item a round to one person, whose taste moves a tenth of the way to what it sees, and that
 * maximises the discounted sum of engagement, by policy iteration on a grid of 101 tastes and 101 items (the worth of a
 * taste between two of the grid is read off the line between theirs). With discount 0 it
 * shows what holds the person now; far-sighted it shows first what the person does not like, for the taste that this
 * makes. What the person wanted at the start is known: `taste`. (After Carroll et al. 2022, arXiv:2204.11966.)
 * Lessons: 22.
 * @throws DomainError unless 0 <= discount < 1 and the taste is in [-1, 1]
 */
export function engagementPath({
  discount,
  taste = 0.1,
  rounds = 50,
}: {
  discount: number;
  taste?: number;
  rounds?: number;
}): EngagementPath {
  checkDiscount(discount);
  if (discount === 1) throw new DomainError(complaint("discount", "below 1", discount));
  if (!(Math.abs(taste) <= 1)) throw new DomainError(complaint("taste", "a number from -1 to 1", taste));
  checkCount("rounds", rounds, 0);
  const values = planValues(discount);
  const path = { items: new Float64Array(rounds), engagements: new Float64Array(rounds) };
  const tastes = new Float64Array(rounds + 1);
  tastes[0] = taste;
  for (let t = 0; t < rounds; t++) {
    const worth = ITEMS.map((item) => {
      const { low, share } = between(moved(tastes[t], item));
      return engagement(item, tastes[t]) + discount * ((1 - share) * values[low] + share * values[low + 1]);
    });
    path.items[t] = ITEMS[indexOfGreatest(worth)];
    path.engagements[t] = engagement(path.items[t], tastes[t]);
    tastes[t + 1] = moved(tastes[t], path.items[t]);
  }
  return { ...path, tastes };
}

const moved = (taste: number, item: number) => taste + PULL * (item - taste);

/** The taste on the grid below, and how far it is from there to the next. */
function between(taste: number): { low: number; share: number } {
  const at = ((taste + 1) / 2) * (TASTES.length - 1);
  const low = Math.min(TASTES.length - 2, Math.max(0, Math.floor(at)));
  return { low, share: Math.min(1, Math.max(0, at - low)) };
}

function planValues(discount: number): Float64Array {
  const [states, actions] = [TASTES.length, ITEMS.length];
  const transitions = new Float64Array(states * actions * states);
  const rewards = new Float64Array(states * actions);
  TASTES.forEach((taste, s) => {
    ITEMS.forEach((item, a) => {
      const pair = s * actions + a;
      const { low, share } = between(moved(taste, item));
      transitions[pair * states + low] = 1 - share;
      transitions[pair * states + low + 1] = share;
      rewards[pair] = engagement(item, taste);
    });
  });
  return optimalPolicy(tabularMdp({ states, actions, transitions, rewards, discount })).value;
}
