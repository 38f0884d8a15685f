import { checkCount } from "../core/checks.js";
import { type Key, uniform } from "../random/index.js";

/**
 * How often majorities contradict themselves, a share of `draws`: agents accept p and q by a coin each, and "p and q"
 * exactly if they accept both; the majority on "p and q" is not what those on p and on q imply (List and Pettit 2002).
 * Every agent is consistent. With many agents it comes to 1/4. A majority is more than half.
 */
export function majorityClashes(key: Key, agents: number, draws: number): number {
  checkCount("agents", agents);
  checkCount("draws", draws);
  const coins = uniform(key, draws * agents * 2);
  let clashes = 0;
  for (let draw = 0; draw < draws; draw++) {
    let [p, q, both] = [0, 0, 0];
    for (let agent = draw * agents; agent < (draw + 1) * agents; agent++) {
      const [first, second] = [coins[2 * agent] < 0.5, coins[2 * agent + 1] < 0.5];
      p += Number(first);
      q += Number(second);
      both += Number(first && second);
    }
    const accepted = (votes: number) => 2 * votes > agents;
    if (accepted(both) !== (accepted(p) && accepted(q))) clashes++;
  }
  return clashes / draws;
}
