// Wrong answers to the exercises of lesson 13. Each must be rejected, with its own words.
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const average = (values: number[]) => sum(values) / values.length;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

type SmallRule =
  | { kind: "says"; word: string }
  | { kind: "asksFor"; word: string; topics: string[] }
  | { kind: "before"; first: string; second: string }
  | { kind: "not"; rule: SmallRule }
  | { kind: "implies"; condition: SmallRule; consequence: SmallRule };
type Read = { holds: boolean; occasion: boolean };
interface Reading {
  asks?: (asked: string[], word: string) => boolean;
  before?: (reply: string[], first: string, second: string) => boolean;
  implies?: (condition: boolean, consequence: boolean) => boolean;
  vacuous?: boolean;
  notOccasion?: boolean;
}
/** The reader of rules, with a slip. */
const reader = (slips: Reading) => {
  const {
    asks = (asked, word) => asked[asked.length - 1] === word,
    before = (reply, first, second) => reply.slice(0, reply.indexOf(second)).includes(first),
    implies = (a, b) => !a || b,
    vacuous = true,
    notOccasion = false,
  } = slips;
  const readRule = (one: SmallRule, prompt: string[], reply: string[]): Read => {
    if (one.kind === "says") return { holds: reply.includes(one.word), occasion: true };
    if (one.kind === "asksFor") {
      return {
        holds: asks(
          prompt.filter((word) => one.topics.includes(word)),
          one.word,
        ),
        occasion: true,
      };
    }
    if (one.kind === "before") {
      if (!reply.includes(one.second)) return { holds: vacuous, occasion: false };
      return { holds: before(reply, one.first, one.second), occasion: true };
    }
    if (one.kind === "not") {
      const inner = readRule(one.rule, prompt, reply);
      return { holds: !inner.holds, occasion: notOccasion || inner.occasion };
    }
    const condition = readRule(one.condition, prompt, reply).holds;
    const holds = implies(condition, readRule(one.consequence, prompt, reply).holds);
    return { holds: condition || vacuous ? holds : false, occasion: condition };
  };
  return { readRule };
};

type Scores = [a: number[], b: number[], exempt: boolean[]];
const prefer = (by: (...scores: Scores) => number) => ({ prefer: by });
const firstDifference = (
  a: number[],
  b: number[],
  skip: (i: number) => boolean,
  tolerance = 0,
  order = a.map((_, i) => i),
) => {
  for (const i of order) if (!skip(i) && Math.abs(a[i] - b[i]) > tolerance) return a[i] > b[i] ? 1 : -1;
  return 0;
};

type Plain = Record<string, string>;
interface Spelling {
  pattern?: RegExp;
  own?: boolean;
  capital?: boolean;
  small?: boolean;
  end?: number;
}
const words =
  ({ pattern = /[A-Za-z]+/g, own = true, capital = true, small = true, end = 0 }: Spelling = {}) =>
  (text: string, plain: Plain) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const word = small ? match[0].toLowerCase() : match[0];
      if (own ? !Object.hasOwn(plain, word) : !(word in plain)) return [];
      const better = String(plain[word]);
      const upper = capital && match[0][0] !== match[0][0].toLowerCase();
      const suggestion = upper ? better[0].toUpperCase() + better.slice(1) : better;
      return [{ start: match.index, end: match.index + match[0].length + end, suggestion }];
    });

type Tries = [broken: boolean[][], attack: boolean[]];
const wilson = (k: number, n: number) => {
  const z2 = 1.96 ** 2;
  const half = Math.sqrt(z2 * ((k * (n - k)) / n + z2 / 4));
  return { rate: k / n, low: (k + z2 / 2 - half) / (n + z2), high: (k + z2 / 2 + half) / (n + z2) };
};
const wald = (k: number, n: number) => {
  const p = k / n;
  const half = 1.96 * Math.sqrt((p * (1 - p)) / n);
  return { rate: p, low: p - half, high: p + half };
};
interface Counting {
  interval?: typeof wilson;
  all?: boolean;
  perTry?: boolean;
  every?: boolean;
  worst?: (shares: number[]) => number;
}
const counted = ({
  interval = wilson,
  all = false,
  perTry = false,
  every = false,
  worst = (s) => Math.max(...s),
}: Counting) => ({
  attackReport: (...[broken, attack]: Tries) => {
    const attacked = broken.filter((_, x) => attack[x]);
    const shares = attacked.map((tries) => average(tries.map(Number)));
    const hits = shares.filter((share) => (every ? share === 1 : share > 0)).length;
    const flat = attacked.flat();
    const seen = perTry
      ? interval(flat.filter(Boolean).length, flat.length)
      : interval(hits, (all ? broken : attacked).length);
    return { ...seen, worst: worst(shares) };
  },
});

type Graph = [start: number, breaks: number[][], edits: number[][], rounds: number];
const lexicographic = (x: number[], y: number[]) => {
  const i = x.findIndex((value, k) => value !== y[k]);
  return i >= 0 && x[i] < y[i];
};
const revise = (better: (x: number[], y: number[]) => boolean, { cap = true, first = false, always = false } = {}) => ({
  revise: (...[start, breaks, edits, rounds]: Graph) => {
    let here = start;
    for (let round = 0; round < (cap ? rounds : 99); round++) {
      let best = always && edits[here].length > 0 ? edits[here][0] : here;
      for (const y of edits[here]) {
        if (!better(breaks[y], breaks[best])) continue;
        best = y;
        if (first) break;
      }
      if (best === here) return here;
      here = best;
    }
    return here;
  },
});

interface Revised {
  prompt: number[];
  principle: number[];
  draft: number[];
  critique: number[];
  revision: number[];
}
const row = (of: (all: Revised) => [part: number[], counts: number][]) => ({
  slCaiRow: (all: Revised) => ({
    tokens: of(all).flatMap(([part]) => part),
    mask: of(all).flatMap(([part, counts]) => part.map(() => counts)),
  }),
});

type Letters = { A: number; B: number };
type Asked = [first: Letters, second: Letters, low: number, high: number];
const label = (p: (first: Letters, second: Letters) => number) => ({
  softLabel: (...[first, second, low, high]: Asked) => Math.min(high, Math.max(low, p(first, second))),
});
const both = (first: Letters, second: Letters) => (sigmoid(first.A - first.B) + sigmoid(second.B - second.A)) / 2;

type Loop = [replies: number, judge: number[][], luck: [number, number][], rate: number];
const loop = ({ credit = (x: number) => Math.sign(x) / 2, second = true, stale = false }) => ({
  learnFromJudge: (...[replies, judge, luck, rate]: Loop) => {
    const logits = new Array<number>(replies).fill(0);
    const softmax = (z: number[]) => {
      const weights = z.map(Math.exp);
      return weights.map((w) => w / sum(weights));
    };
    for (const pair of luck) {
      const p = softmax(stale ? logits.map(() => 0) : logits);
      const [a, b] = pair.map((u) => {
        let left = u;
        const found = p.findIndex((x) => {
          left -= x;
          return left < 0;
        });
        return found < 0 ? replies - 1 : found;
      });
      const c = credit(judge[a][b]);
      logits[a] += rate * c;
      if (second) logits[b] -= rate * c;
    }
    return softmax(logits);
  },
});

type Hinge = [w: number[], better: number[][], worse: number[][], margin: number, rate: number];
const hinge = ({ flat = (margin: number) => margin, mean = true, sign = 1, across = false }) => ({
  hingeStep: (...[w, better, worse, margin, rate]: Hinge) => {
    const next = [...w];
    const pairs = better.flatMap((phi, b) => (across ? worse : [worse[b]]).map((other) => ({ phi, other })));
    for (const { phi, other } of pairs) {
      const lead = sum(w.map((x, k) => x * (phi[k] - other[k])));
      if (lead >= flat(margin)) continue;
      for (let k = 0; k < w.length; k++) next[k] += (sign * rate * (phi[k] - other[k])) / (mean ? pairs.length : 1);
    }
    return next;
  },
});

type Guard = [leak: number[], flag: number[], prevalence: number, falsePositives: number];
const guard = (slips: {
  guarded?: (leak: number[], flag: number[]) => number;
  precision?: (hits: number, prevalence: number, falsePositives: number) => number;
}) => ({
  guardReport: (...[leak, flag, prevalence, falsePositives]: Guard) => {
    const hits = average(flag);
    const {
      guarded = () => average(leak.map((l, x) => l * (1 - flag[x]))),
      precision = () => (prevalence * hits) / (prevalence * hits + (1 - prevalence) * falsePositives),
    } = slips;
    return {
      guarded: guarded(leak, flag),
      independent: average(leak) * (1 - hits),
      precision: precision(hits, prevalence, falsePositives),
    };
  },
});

const adherence = (of: (holds: boolean[], occasion: boolean[]) => number) => ({ adherenceOf: of });
const count = (flags: boolean[]) => flags.filter(Boolean).length;
const keptOf = (holds: boolean[], occasion: boolean[]) => count(holds.map((one, i) => one && occasion[i]));
const orOne = (occasion: boolean[], value: number) => (count(occasion) === 0 ? 1 : value);

export const mutants = {
  "13/read-a-rule": {
    conjunction: reader({ implies: (a, b) => a && b }),
    "vacuous-false": reader({ vacuous: false }),
    mention: reader({ asks: (asked, word) => asked.includes(word) }),
    "first-topic": reader({ asks: (asked, word) => asked[0] === word }),
    "off-by-one": reader({
      before: (r, first, second) => r.slice(0, Math.max(0, r.indexOf(second) - 1)).includes(first),
    }),
    "next-word": reader({ before: (r, first, second) => r[r.indexOf(second) - 1] === first }),
    "any-order": reader({ before: (r, first, second) => first !== second && r.includes(first) }),
    itself: reader({ before: (r, first, second) => r.indexOf(first) >= 0 && r.indexOf(first) <= r.indexOf(second) }),
    "not-occasion": reader({ notOccasion: true }),
  },
  "13/prefer": {
    "weighted-sum": prefer((a, b, exempt) => {
      const total = (s: number[]) => sum(s.map((x, i) => (exempt[i] ? 0 : x * (s.length - i))));
      return Math.sign(total(a) - total(b));
    }),
    "number-kept": prefer((a, b, exempt) => Math.sign(sum(a.map((x, i) => (exempt[i] ? 0 : Math.sign(x - b[i])))))),
    "exception-ignored": prefer((a, b) => firstDifference(a, b, () => false)),
    "lowest-first": prefer((a, b, exempt) =>
      firstDifference(
        a,
        b,
        (i) => exempt[i],
        0,
        a.map((_, i) => a.length - 1 - i),
      ),
    ),
    tolerance: prefer((a, b, exempt) => firstDifference(a, b, (i) => exempt[i], 0.04)),
  },
  "13/plain-words": {
    substring: {
      plainWords: (text: string, plain: Plain) =>
        words({ pattern: new RegExp(Object.keys(plain).join("|"), "gi") })(text, plain),
    },
    "case-sensitive": { plainWords: words({ small: false }) },
    "no-capital": { plainWords: words({ capital: false }) },
    "first-only": {
      plainWords: (text: string, plain: Plain) => {
        const seen = new Set<string>();
        return words()(text, plain).filter(({ suggestion }) => {
          const known = seen.has(suggestion.toLowerCase());
          seen.add(suggestion.toLowerCase());
          return !known;
        });
      },
    },
    "by-word": {
      plainWords: (text: string, plain: Plain) =>
        Object.keys(plain).flatMap((word) => words()(text, { [word]: plain[word] })),
    },
    "end-inclusive": { plainWords: words({ end: -1 }) },
    prototype: { plainWords: words({ own: false }) },
  },
  "13/attack-report": {
    wald: counted({ interval: wald }),
    "benign-counted": counted({ all: true }),
    "tries-counted": counted({ perTry: true }),
    "every-try": counted({ every: true }),
    "mean-for-worst": counted({ worst: average }),
  },
  "13/revise": {
    "first-broken": {
      revise: (...[start, breaks, edits, rounds]: Graph) => {
        let here = start;
        for (let round = 0; round < rounds; round++) {
          const broken = breaks[here].findIndex((value) => value > 0);
          if (broken < 0) return here;
          // Mends what is broken first; what comes before was kept, and may break.
          const better = edits[here].filter((y) => breaks[y][broken] < breaks[here][broken]);
          if (better.length === 0) return here;
          here = better.reduce((best, y) => (breaks[y][broken] < breaks[best][broken] ? y : best));
        }
        return here;
      },
    },
    "total-count": revise((x, y) => sum(x) < sum(y)),
    "no-cap": revise(lexicographic, { cap: false }),
    "any-edit": revise(lexicographic, { always: true }),
    "first-better": revise(lexicographic, { first: true }),
  },
  "13/sl-cai-row": {
    draft: row(({ prompt, draft }) => [
      [prompt, 0],
      [draft, 1],
    ]),
    critique: row(({ prompt, draft, critique, revision }) => [
      [prompt, 0],
      [draft, 0],
      [critique, 1],
      [revision, 1],
    ]),
    principle: row(({ prompt, principle, revision }) => [
      [principle, 0],
      [prompt, 0],
      [revision, 1],
    ]),
    "prompt-in-loss": row(({ prompt, revision }) => [
      [prompt, 1],
      [revision, 1],
    ]),
    shifted: {
      slCaiRow: ({ prompt, revision }: Revised) => ({
        tokens: [...prompt, ...revision],
        mask: [...prompt.slice(1).map(() => 0), ...revision.map(() => 1), 0],
      }),
    },
  },
  "13/ai-label": {
    "one-order": label((first) => sigmoid(first.A - first.B)),
    "same-letter": label((first, second) => (sigmoid(first.A - first.B) + sigmoid(second.A - second.B)) / 2),
    "not-normalised": label((first, second) => (Math.exp(first.A) + Math.exp(second.B)) / 2),
    "clamp-on-logit": {
      softLabel: (...[first, second, low, high]: Asked) => {
        const clamp = (z: number) => Math.min(high, Math.max(low, z));
        return sigmoid((clamp(first.A - first.B) + clamp(second.B - second.A)) / 2);
      },
    },
    "hard-label": label((first, second) => (both(first, second) > 0.5 ? 1 : 0)),
    "no-clamp": { softLabel: (...[first, second]: Asked) => both(first, second) },
  },
  "13/feedback-loop": {
    downhill: loop({ credit: (x) => -Math.sign(x) / 2 }),
    "first-only": loop({ second: false }),
    stale: loop({ stale: true }),
    "whole-credit": loop({ credit: Math.sign }),
    "not-sign": loop({ credit: (x) => x / 2 }),
  },
  "13/rule-weights": {
    "no-hinge": hinge({ flat: () => Number.POSITIVE_INFINITY }),
    "no-margin": hinge({ flat: () => 0 }),
    uphill: hinge({ sign: -1 }),
    sum: hinge({ mean: false }),
    "all-pairs": hinge({ across: true }),
  },
  "13/guard": {
    "product-of-means": guard({ guarded: (leak, flag) => average(leak) * (1 - average(flag)) }),
    stopped: guard({ guarded: (leak, flag) => average(leak.map((l, x) => l * flag[x])) }),
    "no-prevalence": guard({ precision: (hits, _, falsePositives) => hits / (hits + falsePositives) }),
    recall: guard({ precision: (hits) => hits }),
  },
  "13/find-the-bug": {
    "all-exchanges": adherence((holds, occasion) => orOne(occasion, count(holds) / holds.length)),
    denominator: adherence((holds, occasion) => orOne(occasion, keptOf(holds, occasion) / holds.length)),
    "vacuous-kept": adherence((holds, occasion) => orOne(occasion, count(holds) / count(occasion))),
    "no-occasion": adherence((holds, occasion) =>
      count(occasion) === 0 ? 0 : keptOf(holds, occasion) / count(occasion),
    ),
  },
};
