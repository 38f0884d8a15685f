import { checkCount } from "../core/checks.js";

/**
 * Colonel Blotto (Borel 1921): both spread `soldiers` over `fields`; a field is won by who has more there, and the
 * battle by who wins more fields. `strategies` are all ways to spread them, the last fields filled first: [0, 0, 10],
 * [0, 1, 9], ...; `payoffs[i][j]` is 1, 0 or -1 for i against j.
 * @example colonelBlotto(10, 3).strategies.length // 66
 */
export function colonelBlotto(soldiers: number, fields: number): { strategies: number[][]; payoffs: number[][] } {
  checkCount("soldiers", soldiers);
  checkCount("fields", fields);
  const strategies = spread(soldiers, fields);
  const payoffs = strategies.map((own) =>
    strategies.map((other) => Math.sign(own.reduce((won, men, field) => won + Math.sign(men - other[field]), 0))),
  );
  return { strategies, payoffs };
}

function spread(soldiers: number, fields: number): number[][] {
  if (fields === 1) return [[soldiers]];
  const ways: number[][] = [];
  for (let first = 0; first <= soldiers; first++) {
    for (const rest of spread(soldiers - first, fields - 1)) ways.push([first, ...rest]);
  }
  return ways;
}
