import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/**
 * What each lieutenant decides after OM(1) (Lamport, Shostak and Pease 1982): the commander sends an order to each of
 * n - 1 lieutenants, each passes what it got on to the others, and each takes the majority of what it got and of what
 * it was told; a tie is 0, retreat. `said[i]` is what lieutenant i got, `relayed[i][j]` what i tells j.
 */
export function oralMessages(said: readonly number[], relayed: readonly (readonly number[])[]): number[] {
  return said.map((own, j) => {
    const ones = said.reduce((count, _, i) => count + (i === j ? own : relayed[i][j]), 0);
    return 2 * ones > said.length ? 1 : 0;
  });
}

/** How many of all behaviours of the traitors break what the loyal owe one another. */
export interface TraitorCount {
  /** Behaviours: who the traitors are, the order, and every lie they can tell. */
  cases: number;
  /** Those in which two loyal lieutenants decide differently, or a loyal commander's order is not obeyed. */
  violations: number;
}

/**
 * OM(1) with n generals, the commander one of them, against every behaviour of so many traitors, by enumeration.
 * It is safe for one traitor exactly from n = 4 on: n > 3 f.
 * @throws DomainError unless 1 <= traitors <= 2 and traitors < n <= 7
 */
export function traitorViolations(n: number, traitors = 1): TraitorCount {
  checkCount("n", n, 3);
  checkCount("traitors", traitors);
  if (n > 7 || traitors > 2 || traitors >= n - 1) {
    throw new DomainError(
      complaint("n and traitors", "at most 7 generals, 2 traitors, and two loyal lieutenants", [n, traitors]),
    );
  }
  const count = { cases: 0, violations: 0 };
  for (const disloyal of subsets(n, traitors)) countFor(n, disloyal, count);
  return count;
}

/** General 0 commands; lieutenant i is general i + 1. */
function countFor(n: number, disloyal: readonly number[], count: TraitorCount): void {
  const m = n - 1;
  const liars = disloyal.filter((g) => g > 0).map((g) => g - 1);
  const commanderLies = disloyal.includes(0);
  const places = liars.flatMap((i) => Array.from({ length: m }, (_, j) => [i, j]).filter(([, j]) => j !== i));
  for (let order = 0; order < 2; order++) {
    for (let sent = 0; sent < (commanderLies ? 2 ** m : 1); sent++) {
      const said = Array.from({ length: m }, (_, i) => (commanderLies ? (sent >> i) & 1 : order));
      for (let lie = 0; lie < 2 ** places.length; lie++) {
        const relayed = said.map((own) => said.map(() => own));
        places.forEach(([i, j], bit) => {
          relayed[i][j] = (lie >> bit) & 1;
        });
        const decided = oralMessages(said, relayed).filter((_, i) => !liars.includes(i));
        const disobeyed = !commanderLies && decided.some((d) => d !== order);
        count.cases++;
        if (disobeyed || decided.some((d) => d !== decided[0])) count.violations++;
      }
    }
  }
}

function subsets(n: number, size: number): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: n }, (_, first) => first).flatMap((first) =>
    subsets(first, size - 1).map((rest) => [...rest, first]),
  );
}
