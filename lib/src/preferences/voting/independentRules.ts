import { permutations } from "./arrow.js";

/** A rule for two voters and three items that looks, for each pair, only at how the two rank that pair. */
export interface IndependentRule {
  /**
   * For the pairs (0, 1), (0, 2), (1, 2): who goes first, 1 for the pair's first item, -1 for its second, 0 for a tie,
   * where the voters' wishes are [first voter, second voter] = first item and first item, first and second, second and
   * first, second and second.
   */
  readonly verdicts: ReadonlyArray<readonly [number, number, number, number]>;
  /** In how many of the 36 elections its three verdicts are no order (ties allowed). */
  readonly disorders: number;
  /** The voter whom it always follows, if there is one. */
  readonly dictator: number | undefined;
}

const PAIRS = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

/**
 * Arrow's theorem (1951) in its smallest case, by looking at every rule: two voters, three items. Independence of
 * irrelevant alternatives makes a rule three small tables, one a pair; unanimity fixes two of the four entries of each;
 * the other six may be 1, 0 or -1. So there are 3^6 = 729 rules with both properties. The theorem says that those
 * without `disorders` have a dictator.
 */
export function independentRules(): IndependentRule[] {
  const elections = permutations(3).flatMap((a) => permutations(3).map((b) => [a, b]));
  // Which entry of each pair's table an election asks for.
  const asked = elections.map((ballots) =>
    PAIRS.map(([x, y]) => {
      const [first, second] = ballots.map((ballot) => Number(ballot.indexOf(x) > ballot.indexOf(y)));
      return 2 * first + second;
    }),
  );
  return Array.from({ length: 3 ** 6 }, (_, number) => {
    const digit = (place: number) => (Math.floor(number / 3 ** place) % 3) - 1;
    const verdicts = PAIRS.map((_, p) => [1, digit(2 * p), digit(2 * p + 1), -1] as const);
    const disorders = asked.filter((entries) => !isOrder(entries.map((entry, p) => verdicts[p][entry]))).length;
    const follows = (voter: number) =>
      verdicts.every((table) => table[1] === (voter === 0 ? 1 : -1) && table[2] === -table[1]);
    return { verdicts, disorders, dictator: [0, 1].find(follows) };
  });
}

/**
 * Whether verdicts on (0, 1), (0, 2), (1, 2) are an order, ties allowed: x not behind y and y not
 * behind z make x not behind z.
 */
function isOrder([ab, ac, bc]: readonly number[]): boolean {
  const verdict = [
    [0, ab, ac],
    [-ab, 0, bc],
    [-ac, -bc, 0],
  ];
  return permutations(3).every(([x, y, z]) => verdict[x][y] < 0 || verdict[y][z] < 0 || verdict[x][z] >= 0);
}
