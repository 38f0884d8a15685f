// Wrong answers to the exercises of lesson 21. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
const up = (values: number[]) => [...values].sort((a, b) => a - b);

type Game = [A: number[][], B: number[][]];
const game = (
  stays: (A: number[][], B: number[][], i: number, j: number) => boolean,
  finish: (best: number, low: number, high: number) => [number, number] = (best, low, high) => [
    best / low,
    best / high,
  ],
) => ({
  equilibriaAndPrices: (...[A, B]: Game) => {
    const cells = A.flatMap((row, i) => row.map((_, j) => [i, j]));
    const worth = ([i, j]: number[]) => A[i][j] + B[i][j];
    const found = cells.filter(([i, j]) => stays(A, B, i, j));
    if (found.length === 0) return [found, Number.NaN, Number.NaN];
    return [found, ...finish(most(cells.map(worth)), least(found.map(worth)), most(found.map(worth)))];
  },
});
const weak = (A: number[][], B: number[][], i: number, j: number) =>
  A.every((row) => row[j] <= A[i][j]) && B[i].every((b) => b <= B[i][j]);

const listen = (kept: (own: number, heard: number[], F: number) => number[]) => ({
  listenToFewer: (own: number, heard: number[], F: number) => {
    const values = kept(own, heard, F);
    return values.length === 0 ? own : total(values) / values.length;
  },
});
const cut = (values: number[], n: number) => values.slice(0, Math.max(0, values.length - n));
const above = (own: number, heard: number[]) => up(heard.filter((x) => x > own));
const below = (own: number, heard: number[]) => up(heard.filter((x) => x < own));
const equal = (own: number, heard: number[]) => heard.filter((x) => x === own);

const median = (phantomMedian: (peaks: number[], phantoms: number[]) => number) => ({ phantomMedian });

const mechanism = (pay: (others: number[], taken: number, own: number[], all: number[]) => number) => ({
  vickreyClarkeGroves: (values: number[][]) => {
    const sums = (without: number) =>
      values[0].map((_, k) => total(values.map((row, i) => (i === without ? 0 : row[k]))));
    const all = sums(-1);
    const taken = all.indexOf(most(all));
    return [taken, values.map((own, i) => pay(sums(i), taken, own, all))];
  },
});

const krum = (plain: boolean, self: boolean, more = 0) => ({
  krumChoice: (reports: number[][], f: number) => {
    const scores = reports.map((a, i) => {
      const gaps = reports
        .filter((_, j) => self || j !== i)
        .map((b) => total(b.map((x, k) => (x - a[k]) ** 2)))
        .map((d) => (plain ? Math.sqrt(d) : d));
      return total(up(gaps).slice(0, reports.length - f - 2 + more));
    });
    return scores.indexOf(least(scores));
  },
});

const rest = (weight: (a: number, rate: number, E: number) => number, mean = false) => ({
  restingPoint: (a: number[], c: number[], rate: number, E: number) => {
    const w = a.map((x) => weight(x, rate, E));
    return total(w.map((x, i) => x * c[i])) / (mean ? a.length : total(w));
  },
});

const learn = ({ always, senderOnly, wrongUrn, greedy }: Record<string, boolean>) => ({
  urns: (N: number, u: number[]) => {
    const pick = (w: number[], x: number) => {
      if (greedy) return w.indexOf(most(w));
      let at = 0;
      for (let reached = w[0]; reached <= x * total(w) && at < w.length - 1; ) reached += w[++at];
      return at;
    };
    const fresh = () => Array.from({ length: N }, () => Array.from({ length: N }, () => 1));
    const [s, r] = [fresh(), fresh()];
    for (let t = 0; t < u.length / 3; t++) {
      const state = Math.min(N - 1, Math.floor(N * u[3 * t]));
      const signal = pick(s[state], u[3 * t + 1]);
      const act = pick(r[signal], u[3 * t + 2]);
      if (act !== state && !always) continue;
      s[state][signal]++;
      if (!senderOnly) r[wrongUrn ? state : signal][act]++;
    }
    return [s, r];
  },
});

const faction = (fewest: (b: number, depth: number) => number) => ({
  smallestFaction: (b: number, depth: number) => [fewest(b, depth), b ** depth],
});

export const mutants = {
  "21/equilibria": {
    "strict-only": game(
      (A, B, i, j) => A.every((row, k) => k === i || row[j] < A[i][j]) && B[i].every((b, k) => k === j || b < B[i][j]),
    ),
    "prices-swapped": game(weak, (best, low, high) => [best / high, best / low]),
    inverted: game(weak, (best, low, high) => [low / best, high / best]),
    "rows-for-columns": game((A, B, i, j) => A[i].every((a) => a <= A[i][j]) && B.every((row) => row[j] <= B[i][j])),
    "best-of-equilibria": game(weak, (_, low, high) => [high / low, 1]),
  },
  "21/wmsr": {
    "own-dropped": listen((own, heard, F) => [
      ...equal(own, heard),
      ...below(own, heard).slice(F),
      ...cut(above(own, heard), F),
    ]),
    "from-the-ends": listen((own, heard, F) => [own, ...up(heard).slice(F, Math.max(F, heard.length - F))]),
    "nearest-dropped": listen((own, heard, F) => [
      own,
      ...equal(own, heard),
      ...cut(below(own, heard), F),
      ...above(own, heard).slice(F),
    ]),
    "equal-dropped": listen((own, heard, F) => [own, ...below(own, heard).slice(F), ...cut(above(own, heard), F)]),
    "trims-itself": listen((own, heard, F) => up([own, ...heard]).slice(F, Math.max(F, heard.length + 1 - F))),
    "nothing-dropped": listen((own, heard) => [own, ...heard]),
  },
  "21/phantoms": {
    "no-phantoms": median((peaks) => up(peaks)[Math.floor((peaks.length - 1) / 2)]),
    mean: median((peaks, phantoms) => total([...peaks, ...phantoms]) / (2 * peaks.length - 1)),
    unsorted: median((peaks, phantoms) => [...peaks, ...phantoms][peaks.length - 1]),
    "as-texts": median((peaks, phantoms) => Number([...peaks, ...phantoms].map(String).sort()[peaks.length - 1])),
    "one-off": median((peaks, phantoms) => up([...peaks, ...phantoms])[Math.min(peaks.length, 2 * peaks.length - 2)]),
  },
  "21/vcg": {
    "first-price": mechanism((_, taken, own) => own[taken]),
    "with-oneself": mechanism((others, taken, _, all) => most(others) - all[taken]),
    "wrong-sign": mechanism((others, taken) => others[taken] - most(others)),
    "no-charge": mechanism(() => 0),
    "everyone-pays": mechanism((others) => most(others)),
  },
  "21/find-the-bug": {
    "plain-distances": krum(true, false),
    "counts-itself": krum(false, true),
    "both-mistakes": krum(true, true),
    "too-many": krum(false, false, 2),
  },
  "21/fedavg": {
    "optimum-of-the-sum": rest((a) => a),
    "one-step": rest((_, rate) => rate),
    "what-is-left": rest((a, rate, E) => (1 - rate * a) ** E),
    "rate-forgotten": rest((a, _, E) => 1 - (1 - a) ** E),
    "not-normalised": rest((a, rate, E) => 1 - (1 - rate * a) ** E, true),
  },
  "21/urns": {
    "credit-without-success": learn({ always: true }),
    "receiver-never-learns": learn({ senderOnly: true }),
    "wrong-urn": learn({ wrongUrn: true }),
    greedy: learn({ greedy: true }),
  },
  "21/smallest-faction": {
    "flat-majority": faction((b, depth) => (b ** depth + 1) / 2),
    "half-rounded-down": faction((b, depth) => ((b - 1) / 2) ** depth),
    "one-level": faction((b) => (b + 1) / 2),
    "times-depth": faction((b, depth) => ((b + 1) / 2) * depth),
  },
};
