import { checkCount } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/** A rule for a few voters: for each profile of orders (a number in base `orders`, voter 0 first) what is chosen. */
export interface ChoiceRules {
  /** Orders that a voter may have, best first. */
  readonly orders: readonly (readonly number[])[];
  readonly voters: number;
  /** One list for each rule found: the choice at each profile. */
  readonly rules: readonly Uint8Array[];
}

export interface StrategyProofOptions {
  voters?: number;
  /** Every alternative is chosen at some profile. */
  onto?: boolean;
  /** Who has which order does not matter. */
  anonymous?: boolean;
}

/**
 * Every rule that no voter can ever turn to his good by a false order, by backtracking over the profiles. With all
 * orders of three alternatives and two voters the onto ones are the two dictators (Gibbard 1973, Satterthwaite 1975);
 * with single-peaked orders the anonymous ones are medians with phantoms (Moulin 1980).
 * @throws ShapeError for an empty electorate or orders of different length; DomainError for more than 300 profiles
 */
export function strategyProofRules(
  orders: readonly (readonly number[])[],
  { voters = 2, onto = false, anonymous = false }: StrategyProofOptions = {},
): ChoiceRules {
  checkCount("voters", voters);
  if (orders.length === 0) throw new ShapeError(complaint("orders", "at least one order", orders));
  const m = orders[0].length;
  orders.forEach((order, i) => {
    const sorted = [...order].sort((a, b) => a - b);
    if (order.length !== m || sorted.some((a, place) => a !== place)) {
      throw new ShapeError(complaint(`orders[${i}]`, `the alternatives 0 to ${m - 1}, each once`, order));
    }
  });
  const count = orders.length ** voters;
  if (count > 300) throw new DomainError(complaint("profiles", "at most 300", count));
  const rank = orders.map((order) => order.map((_, a) => order.indexOf(a)));
  const digits = (profile: number) =>
    Array.from({ length: voters }, (_, v) => Math.floor(profile / orders.length ** v) % orders.length);
  const neighbours = Array.from({ length: count }, (_, profile) =>
    earlierNeighbours(profile, digits(profile), orders.length),
  );
  const twin = Array.from({ length: count }, (_, profile) =>
    [...digits(profile)].sort((a, b) => b - a).reduce((code, digit, v) => code + digit * orders.length ** v, 0),
  );
  const rules: Uint8Array[] = [];
  const chosen = new Uint8Array(count);
  const fits = (profile: number, a: number) =>
    neighbours[profile].every(({ other, mine, theirs }) => {
      const b = chosen[other];
      return rank[mine][a] <= rank[mine][b] && rank[theirs][b] <= rank[theirs][a];
    });
  const visit = (profile: number): void => {
    if (profile === count) {
      if (!onto || new Set(chosen).size === m) rules.push(chosen.slice());
      return;
    }
    for (let a = 0; a < m; a++) {
      if (anonymous && twin[profile] < profile && chosen[twin[profile]] !== a) continue;
      if (!fits(profile, a)) continue;
      chosen[profile] = a;
      visit(profile + 1);
    }
  };
  visit(0);
  return { orders, voters, rules };
}

/** Profiles with a smaller number that differ in one voter: that voter's order here (`mine`) and there (`theirs`). */
function earlierNeighbours(profile: number, digits: readonly number[], base: number) {
  return digits.flatMap((mine, v) =>
    Array.from({ length: base }, (_, theirs) => ({
      other: profile + (theirs - mine) * base ** v,
      mine,
      theirs,
    })).filter(({ other }) => other < profile),
  );
}

/** The orders of m alternatives on a line that fall from a peak to both sides; 2^(m - 1) of them, best first. */
export function singlePeakedOrders(m: number): number[][] {
  checkCount("m", m);
  const grow = (order: number[], low: number, high: number): number[][] => {
    if (order.length === m) return [order];
    return [
      ...(low > 0 ? grow([...order, low - 1], low - 1, high) : []),
      ...(high < m - 1 ? grow([...order, high + 1], low, high + 1) : []),
    ];
  };
  return Array.from({ length: m }, (_, peak) => peak).flatMap((peak) => grow([peak], peak, peak));
}
