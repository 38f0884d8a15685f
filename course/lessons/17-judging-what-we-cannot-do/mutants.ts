// Wrong answers to the exercises of lesson 17. Each must be rejected, with its own words.
type Talk = number | Talk[];
type Choice = (values: number[]) => number;
const most: Choice = (values) => Math.max(...values);
const least: Choice = (values) => Math.min(...values);
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const average: Choice = (values) => total(values) / values.length;

const talk = (own: Choice, other: Choice) => {
  const play = (at: Talk, mine: Choice, theirs: Choice): number =>
    typeof at === "number" ? at : mine(at.map((next) => play(next, theirs, mine)));
  return { debateWorth: (at: Talk) => play(at, own, other) };
};

const down = (values: number[]) => [...values].sort((a, b) => b - a);
const up = (values: number[]) => [...values].sort((a, b) => a - b);
type Odds = [ratios: number[], prior: number, k: number];
const odds = (oddsAfter: (...given: Odds) => number) => ({ oddsAfter });
const halves = (ratios: number[], k: number) => [...down(ratios).slice(0, k / 2), ...up(ratios).slice(0, k / 2)];

const witness =
  (bound: Choice, adaptive: (escapes: number[][]) => number, weigh = true) =>
  (escapes: number[][], mix: number[]) => {
    const means = escapes[0].map((_, q) =>
      total(escapes.map((row, r) => (weigh ? mix[r] : 1 / escapes.length) * row[q])),
    );
    return [bound(means), adaptive(escapes)];
  };
const last = (escapes: number[][]) => least(escapes[0].map((_, q) => most(escapes.map((row) => row[q]))));

interface Slips {
  choose?: Choice;
  inPlace?: boolean;
  before?: boolean;
  after?: boolean;
  more?: boolean;
  inside?: boolean;
}
const loop = ({ choose = least, inPlace, before, after = true, more, inside }: Slips) => ({
  amplifyLoop: (edges: number[][], luck: number[][][], s: number) => {
    let agent = edges.map((row) => [...row]);
    const zero = edges.map((row) => row.map(() => 0));
    for (const z of more ? [...luck, zero] : luck) {
      const asked = before ? agent.map((row, i) => row.map((d, j) => d * (1 + s * z[i][j]))) : agent;
      const next = inPlace ? asked : agent.map((row) => [...row]);
      edges.forEach((_, i) => {
        edges.forEach((_, j) => {
          const sums = edges.flatMap((_, m) => (inside && (m === i || m === j) ? [] : [asked[i][m] + asked[m][j]]));
          next[i][j] = choose(sums) * (after ? 1 + s * z[i][j] : 1);
        });
      });
      agent = next;
    }
    return agent;
  },
});

const at = (values: number[]) => values.indexOf(least(values));
const double = (doubleLeast: (one: number[], other: number[]) => number) => ({ doubleLeast });
const gap = (gapRecovered: (weak: number, both: number, ceiling: number) => number) => ({ gapRecovered });
const refuse = (weak: number, ceiling: number) => {
  if (!(ceiling > weak)) throw new Error("no gap");
};

const target = (own: (p: number[], ones: number) => number[], share = (a: number) => a) => ({
  confidentTarget: (weak: number[], p: number[], a: number) => {
    const answers = own(p, total(weak));
    return weak.map((w, i) => (1 - share(a)) * w + share(a) * answers[i]);
  },
});
const top = (p: number[], ones: number) => p.map((x) => (p.filter((y) => y > x).length < ones ? 1 : 0));
const share = (p: number, t: number) => (p * (1 - t)) / (t * (1 - p));
const court = (q: (p: number, t: number) => number) => ({
  courtroom: (p: number, t: number) => [q(p, t), p + (1 - p) * q(p, t)],
});

export const mutants = {
  "17/debate-value": {
    "everyone-high": talk(most, most),
    "everyone-low": talk(least, least),
    "wrong-first": talk(least, most),
    "judge-early": talk(most, average),
  },
  "17/pixel-debate": {
    "no-prior": odds((ratios, _, k) => total(halves(ratios, k))),
    "by-size": odds(
      (ratios, prior, k) => prior + total([...ratios].sort((a, b) => Math.abs(b) - Math.abs(a)).slice(0, k)),
    ),
    "both-honest": odds((ratios, prior, k) => prior + total(down(ratios).slice(0, k))),
    "k-each": odds((ratios, prior, k) => prior + total(halves(ratios, 2 * k))),
    probabilities: odds((ratios, prior, k) => Math.exp(prior) + total(halves(ratios, k).map(Math.exp))),
  },
  "17/witness": {
    "average-question": { getsAway: witness(average, last) },
    "easiest-question": { getsAway: witness(most, last) },
    "one-meaning": { getsAway: witness(least, (escapes) => most(escapes.map(least))) },
    "mix-ignored": { getsAway: witness(least, last, false) },
  },
  "17/amplify-loop": {
    longest: loop({ choose: most }),
    "in-place": loop({ inPlace: true }),
    "no-noise": loop({ after: false }),
    "noise-before": loop({ before: true, after: false }),
    "one-round-more": loop({ more: true }),
    "middle-inside": loop({ inside: true }),
  },
  "17/find-the-bug": {
    "same-copy": double((_, other) => least(other)),
    "read-one": double((one) => least(one)),
    swapped: double((one, other) => one[at(other)]),
    average: double((one, other) => (one[at(one)] + other[at(one)]) / 2),
  },
  "17/gap-recovered": {
    "by-ceiling": gap((weak, both, ceiling) => {
      refuse(weak, ceiling);
      return (both - weak) / ceiling;
    }),
    swapped: gap((weak, both, ceiling) => {
      refuse(weak, ceiling);
      return (weak - both) / (ceiling - weak);
    }),
    clamped: gap((weak, both, ceiling) => {
      refuse(weak, ceiling);
      return Math.min(1, Math.max(0, (both - weak) / (ceiling - weak)));
    }),
    "no-refusal": gap((weak, both, ceiling) => (both - weak) / (ceiling - weak)),
  },
  "17/confident-target": {
    half: target((p) => p.map((x) => (x >= 0.5 ? 1 : 0))),
    "wrong-side": target(top, (a) => 1 - a),
    soft: target((p) => p),
    "lowest-first": target((p, ones) => p.map((x) => (p.filter((y) => y < x).length < ones ? 1 : 0))),
  },
  "17/courtroom": {
    honest: court(() => 0),
    "half-only": court((p) => Math.min(1, share(p, 0.5))),
    uncapped: court(share),
    "innocent-only": {
      courtroom: (p: number, t: number) => {
        const q = Math.min(1, share(p, t));
        return [q, (1 - p) * q];
      },
    },
  },
};
