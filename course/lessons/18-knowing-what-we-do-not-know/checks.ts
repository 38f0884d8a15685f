import { normalCdf, normalDensity, softmax } from "rlhf-lab/numerics";
import { type Key, normal, split, uniform } from "rlhf-lab/random";
import { conditionalValueAtRisk, conformalThreshold, klBallWorst, l1Worst, splitUncertainty } from "rlhf-lab/robust";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, i) => x * b[i]));
const told = (values: readonly number[]) => `[${values.map((x) => Number(x.toFixed(3))).join(", ")}]`;
/** n probabilities, none of them small. */
const shares = (key: Key, n: number) => softmax(uniform(key, n, 0, 1.5));

function splitAnswers(probabilities: readonly number[][], weights: readonly number[]) {
  const { total: all, aleatoric, epistemic } = splitUncertainty(probabilities, weights);
  const even = splitUncertainty(probabilities);
  const first = (row: readonly number[]) => row[0];
  const centre = dot(probabilities.map(first), weights);
  const inside = dot(
    probabilities.map((row) => row[0] * (1 - row[0])),
    weights,
  );
  return {
    right: [all, aleatoric, epistemic],
    variance: [centre * (1 - centre), inside, centre * (1 - centre) - inside],
    swapped: [all, epistemic, aleatoric],
    unweighted: [even.total, even.aleatoric, even.epistemic],
    bits: [all, aleatoric, epistemic].map((nats) => nats / Math.LN2),
  };
}

export const splitExercise = exercise({
  id: "18/split",
  title: "Split it",
  difficulty: 2,
  minutes: 10,
  gives: ["splitEntropy"],
  watches: {
    variance: "These are variances, p (1 - p). Equation (1) is about entropies, -p ln p summed over the answers.",
    swapped:
      "Aleatoric and epistemic are swapped. Aleatoric is what is left if we knew the member: the mean of the entropies.",
    unweighted: "Every member counts the same here. Weigh each with weights[m].",
    bits: "The numbers are in bits. Take the natural logarithm: nats.",
    certain: "0 ln 0 came out as NaN. A probability of 0 adds nothing to an entropy.",
  },
  parts: [
    {
      name: "two members, and members of unequal weight",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const random = split(a, 3).map((own) => shares(own, 2));
        for (const { probabilities, weights } of [
          {
            probabilities: [
              [0.9, 0.1],
              [0.2, 0.8],
            ],
            weights: [0.7, 0.3],
          },
          {
            probabilities: random,
            weights: [0.6, 0.3 - 0.1 * uniform(b, 1)[0], 0.1].map((w, _, all) => w / total(all)),
          },
        ]) {
          t.mistakes(
            await given.splitEntropy(structuredClone(probabilities), [...weights]),
            splitAnswers(probabilities, weights),
            1e-6,
            `the split of ${probabilities.map(told).join(", ")} with weights ${told(weights)}`,
          );
        }
      },
    },
    {
      name: "three answers, and a member that is certain",
      points: 1,
      async run(given, t) {
        const probabilities = [[1, 0, 0], list(shares(t.key, 3))];
        const weights = [0.5, 0.5];
        const got = await given.splitEntropy(structuredClone(probabilities), [...weights]);
        if (list(got as number[]).some(Number.isNaN)) t.mistake("certain");
        t.mistakes(got, { right: splitAnswers(probabilities, weights).right }, 1e-6, "the split with a certain member");
      },
    },
  ],
});

function memberAnswers(x: number[], y: number[], noise: number, prior: number, e: number[], a: number) {
  const member = (answerNoise: number[], anchor: number, noiseSquare: number, priorSquare: number) =>
    (dot(
      x,
      y.map((value, k) => value + answerNoise[k]),
    ) /
      noiseSquare +
      anchor / priorSquare) /
    (dot(x, x) / noiseSquare + 1 / priorSquare);
  const loud = e.map((z) => noise * z);
  const none = e.map(() => 0);
  const [n2, p2] = [noise ** 2, prior ** 2];
  return {
    right: member(loud, prior * a, n2, p2),
    "no-answer-noise": member(none, prior * a, n2, p2),
    "no-anchor": member(loud, 0, n2, p2),
    "prior-not-squared": member(loud, prior * a, n2, prior),
    "noise-not-squared": member(loud, prior * a, noise, p2),
    "same-noise": member(
      e.map(() => loud[0]),
      prior * a,
      n2,
      p2,
    ),
    "anchor-not-scaled": member(loud, a, n2, p2),
  };
}

export const anchoredMemberExercise = exercise({
  id: "18/anchored-member",
  title: "A member that is a draw",
  difficulty: 3,
  minutes: 12,
  gives: ["anchoredWeight"],
  watches: {
    "no-answer-noise":
      "The answers were taken as they are. Each gets fresh noise, noise * e[k]; without it members agree far too soon.",
    "no-anchor": "The member is pulled to 0. Its anchor is prior * a.",
    "prior-not-squared": "The prior's sd stands where its variance should: divide by prior ** 2.",
    "noise-not-squared": "The noise's sd stands where its variance should: divide by noise ** 2.",
    "same-noise": "All answers got the same noise. Answer k gets e[k].",
    "anchor-not-scaled": "The anchor is a draw of the prior, prior * a; a itself is standard normal.",
  },
  parts: [
    {
      name: "two rows by hand, five at random",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const cases = [
          { x: [1, 2], y: [1, 0.5], noise: 0.5, prior: 3, e: [1, -0.5], a: 0.7 },
          {
            x: list(uniform(a, 5, 0.5, 2)),
            y: list(normal(b, 5)),
            noise: 0.6,
            prior: 1.5,
            e: list(normal(c, 6)).slice(0, 5),
            a: 1.1,
          },
        ];
        for (const { x, y, noise, prior, e, a: anchor } of cases) {
          t.mistakes(
            await given.anchoredWeight([...x], [...y], noise, prior, [...e], anchor),
            memberAnswers(x, y, noise, prior, e, anchor),
            1e-6,
            `the weight for ${x.length} rows, noise ${noise}, prior ${prior}`,
          );
        }
      },
    },
  ],
});

function thresholdAnswers(scores: readonly number[], miss: number) {
  const sorted = [...scores].sort((a, b) => a - b);
  const n = scores.length;
  const at = (k: number) => sorted[Math.min(n, Math.max(1, k)) - 1];
  const up = (x: number) => Math.ceil(x - 1e-9);
  const place = (1 - miss) * (n - 1);
  const below = Math.floor(place);
  const right = conformalThreshold(scores, miss);
  return {
    right,
    "greatest-instead": right === Number.POSITIVE_INFINITY ? most(sorted) : right,
    "n-only": at(up(n * (1 - miss))),
    "two-sided": conformalThreshold(scores, miss / 2),
    interpolated: sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]),
    "other-end": at(n + 1 - up((n + 1) * (1 - miss))),
  };
}

export const conformalThresholdExercise = exercise({
  id: "18/conformal-threshold",
  title: "The threshold",
  difficulty: 2,
  minutes: 10,
  gives: ["threshold"],
  watches: {
    "n-only": "The rank was counted from n scores. The new reply takes a place too: (n + 1)(1 - miss), rounded up.",
    "two-sided": "miss was halved, as for an interval with two ends. This one has one end.",
    interpolated: "This is a quantile between two scores. Take one of the scores themselves, the k-th smallest.",
    "greatest-instead":
      "With so few scores no finite threshold keeps the promise: return Infinity, not the greatest score.",
    "other-end": "Counted from the other end. The threshold is large: most scores are below it.",
    "sorted-as-text": "The scores were sorted as texts, or not sorted. Give sort a comparison: (a, b) => a - b.",
  },
  parts: [
    {
      name: "twenty scores and a tenth missed",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const random = list(normal(t.key, 20)).map((z) => 10 * z);
        for (const scores of [[5, 12, 7, 100, 3, 9, 40, 21, 8, 30, 2, 11, 64, 17, 33, 1, 28, 50, 77, 19], random]) {
          const text = [...scores].sort();
          t.mistakes(
            await given.threshold([...scores], 0.1),
            { ...thresholdAnswers(scores, 0.1), "sorted-as-text": text[18] },
            1e-6,
            `the threshold of ${told(scores)}, miss 0.1`,
          );
        }
      },
    },
    {
      name: "five scores, a round rank, ties",
      points: 1,
      async run(given, t) {
        const five = list(uniform(t.key, 5, 1, 9));
        for (const { scores, miss } of [
          { scores: five, miss: 0.1 },
          { scores: Array.from({ length: 19 }, (_, i) => (7 * i) % 19), miss: 0.1 },
          { scores: [2, 2, 2, 2, 9, 2], miss: 0.3 },
        ]) {
          t.mistakes(
            await given.threshold([...scores], miss),
            thresholdAnswers(scores, miss),
            1e-6,
            `the threshold of ${told(scores)}, miss ${miss}`,
          );
        }
        const kept = [3, 1, 2];
        t.near(await given.threshold(kept, 0.5), 2, 1e-6, "the threshold of [3, 1, 2], miss 0.5");
      },
    },
  ],
});

function groupAnswers(scores: readonly number[], groups: readonly number[], count: number, miss: number) {
  const own = (g: number) => scores.filter((_, i) => groups[i] === g);
  const infinity = Number.POSITIVE_INFINITY;
  const ranked = (values: readonly number[], k: number) =>
    k > values.length ? infinity : [...values].sort((a, b) => a - b)[Math.max(1, k) - 1];
  const up = (x: number) => Math.ceil(x - 1e-9);
  const each = (of: (values: number[]) => number) => Array.from({ length: count }, (_, g) => of(own(g)));
  const right = each((values) => ranked(values, up((values.length + 1) * (1 - miss))));
  return {
    right,
    "one-for-all": right.map(() => ranked(scores, up((scores.length + 1) * (1 - miss)))),
    "widest-for-all": right.map(() => most(right)),
    "n-of-the-group": each((values) => ranked(values, Math.max(1, up(values.length * (1 - miss))))),
    "finite-always": each((values) => {
      const k = up((values.length + 1) * (1 - miss));
      return values.length === 0 ? 0 : ranked(values, Math.min(k, values.length));
    }),
  };
}

export const everyGroupExercise = exercise({
  id: "18/every-group",
  title: "Something new: the same promise to everybody",
  difficulty: 3,
  minutes: 10,
  gives: ["groupThresholds"],
  watches: {
    "one-for-all": "All groups got one threshold, of all patients together. The promise is to each group.",
    "widest-for-all":
      "All groups got the widest threshold. That keeps the promise and tells most patients less than you know.",
    "n-of-the-group": "The rank was counted from n, not n + 1: the new patient takes a place too.",
    "finite-always":
      "A group with too few patients got a finite threshold. Nothing finite keeps the promise: Infinity.",
  },
  parts: [
    {
      name: "three groups of unequal spread, a small one, an empty one",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const sizes = [30, 19, 12, 3, 0];
        const groups = sizes.flatMap((size, g) => Array.from({ length: size }, () => g));
        const raw = list(normal(t.key, groups.length + 1)).slice(0, groups.length);
        const scores = raw.map((z, i) => Math.abs(z) * (1 + 2 * groups[i]) + 10 * groups[i]);
        const order = groups.map((_, i) => i).sort((i, j) => ((7 * i) % 64) - ((7 * j) % 64));
        const [s, g] = [order.map((i) => scores[i]), order.map((i) => groups[i])];
        t.mistakes(
          await given.groupThresholds([...s], [...g], 5, 0.1),
          groupAnswers(s, g, 5, 0.1),
          1e-6,
          "thresholds of five groups with 30, 19, 12, 3 and 0 patients, miss 0.1",
        );
      },
    },
  ],
});

function boundAnswers(features: number[][], reference: number[], m: number[], S: number[][], k: number) {
  const centre = [0, 1].map((j) =>
    dot(
      reference,
      features.map((row) => row[j]),
    ),
  );
  const even = [0, 1].map((j) => total(features.map((row) => row[j])) / features.length);
  const bound = (zero: number[], of: (f: number[], square: number) => number) =>
    features.map((row) => {
      const f = row.map((value, j) => value - zero[j]);
      return of(f, dot(f, [dot(S[0], f), dot(S[1], f)]));
    });
  const lower = (f: number[], square: number) => dot(f, m) - k * Math.sqrt(square);
  return {
    right: bound(centre, lower),
    uncentred: bound([0, 0], lower),
    "even-centre": bound(even, lower),
    plus: bound(centre, (f, square) => dot(f, m) + k * Math.sqrt(square)),
    variance: bound(centre, (f, square) => dot(f, m) - k * square),
    diagonal: bound(centre, (f) => dot(f, m) - k * Math.sqrt(f[0] ** 2 * S[0][0] + f[1] ** 2 * S[1][1])),
  };
}

export const lowerBoundExercise = exercise({
  id: "18/lower-bound",
  title: "A lower bound with a zero",
  difficulty: 3,
  minutes: 12,
  gives: ["lowerBound"],
  watches: {
    uncentred:
      "The features are not centred. Take off their mean under the reference first, or a constant feature changes the answer.",
    "even-centre": "Centred on a mean that counts every reply the same. The reference's probabilities are the weights.",
    plus: "The sd was added. A careful reward takes it off.",
    variance: "The variance was taken off. Equation (4) has its root, the sd.",
    diagonal: "The features' covariance was left out: S[0][1] counts twice.",
  },
  parts: [
    {
      name: "three replies by hand, six at random",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const S = [
          [1, 0.6],
          [0.6, 0.9],
        ];
        for (const { features, reference, m, k } of [
          {
            features: [
              [1, 0],
              [0, 2],
              [3, 1],
            ],
            reference: [0.5, 0.3, 0.2],
            m: [0.4, -0.2],
            k: 2,
          },
          {
            features: split(a, 6).map((own) => list(uniform(own, 2, 0, 3))),
            reference: list(shares(b, 6)),
            m: list(normal(c, 2)),
            k: 1.5,
          },
        ]) {
          t.mistakes(
            await given.lowerBound(structuredClone(features), [...reference], [...m], structuredClone(S), k),
            boundAnswers(features, reference, m, S, k),
            1e-6,
            `the careful rewards of ${features.length} replies, k = ${k}`,
          );
        }
      },
    },
    {
      name: "a constant feature changes nothing",
      points: 1,
      async run(given, t) {
        const features = [1, 2, 4].map((x) => [x, 5]);
        const S = [
          [1, 0.2],
          [0.2, 3],
        ];
        const values = boundAnswers(features, [0.2, 0.5, 0.3], [1, 2], S, 1);
        t.mistakes(
          await given.lowerBound(structuredClone(features), [0.2, 0.5, 0.3], [1, 2], structuredClone(S), 1),
          values,
          1e-6,
          "the careful rewards where the second feature is 5 in every reply",
        );
      },
    },
  ],
});

function ballAnswers(losses: readonly number[], p: readonly number[], rho: number) {
  const right = klBallWorst(losses, p, rho).value;
  const top = most(losses);
  /** Reverse KL: q in proportion to p / (eta - loss), eta above the greatest loss. */
  const reverse = (() => {
    const at = (eta: number) => {
      const q = losses.map((loss, i) => p[i] / (eta - loss));
      return q.map((mass) => mass / total(q));
    };
    const kl = (q: number[]) => total(p.map((mass, i) => mass * Math.log(mass / q[i])));
    let [low, high] = [-30, 30];
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (kl(at(top + Math.exp(middle))) > rho) low = middle;
      else high = middle;
    }
    return dot(at(top + Math.exp(high)), losses);
  })();
  return {
    right,
    reverse,
    "best-case": -klBallWorst(
      losses.map((loss) => -loss),
      p,
      rho,
    ).value,
    mean: dot(losses, p),
  };
}

export const klBallExercise = exercise({
  id: "18/kl-ball",
  title: "The worst case in a KL ball",
  difficulty: 4,
  minutes: 15,
  gives: ["klBall"],
  watches: {
    reverse: "This is the ball KL(p || q). Nature's q stands first: KL(q || p), the sum of q ln(q / p).",
    "best-case": "This is the least mean loss. Nature wants losses: tilt towards the great ones.",
    mean: "This is the mean loss under p: nature did nothing.",
    overflow: "With losses of 1,000 the result is not a number. Take off the greatest loss before the exponential.",
    saturation:
      "From rho = -ln P(greatest loss) on, nature has the greatest loss for sure. Beyond it no tilt has so large a KL.",
  },
  parts: [
    {
      name: "four losses and two radii",
      points: 2,
      look: "section 7",
      async run(given, t) {
        const [a] = split(t.key);
        for (const { losses, p, rho } of [
          { losses: [1, 2, 4, 10], p: [0.4, 0.3, 0.2, 0.1], rho: 0.1 },
          { losses: [3, 1, 8, 2, 5], p: list(shares(a, 5)), rho: 0.4 },
        ]) {
          t.mistakes(
            await given.klBall([...losses], [...p], rho),
            ballAnswers(losses, p, rho),
            1e-6,
            `the worst mean of ${told(losses)} under ${told(p)}, rho = ${rho}`,
          );
        }
      },
    },
    {
      name: "large losses, a large ball",
      points: 1,
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0, 5);
        const far = [1000 + x, 990, 1010, 940];
        const p = [0.4, 0.3, 0.1, 0.2];
        const got = (await given.klBall([...far], [...p], 0.2)) as number;
        if (!Number.isFinite(got)) t.mistake("overflow");
        t.mistakes(got, ballAnswers(far, p, 0.2), 1e-6, `the worst mean of ${told(far)} under ${told(p)}, rho = 0.2`);
        const sure = await given.klBall([1, 2, 4, 10], [0.4, 0.3, 0.2, 0.1], 3);
        if (!(Math.abs((sure as number) - 10) <= 1e-6)) t.mistake("saturation");
      },
    },
  ],
});

function tailAnswers(x: readonly number[], p: readonly number[], tail: number) {
  const down = x.map((_, i) => i).sort((a, b) => x[b] - x[a]);
  const whole: number[] = [];
  let mass = 0;
  for (const i of down) {
    if (mass >= tail - 1e-12) break;
    whole.push(i);
    mass += p[i];
  }
  const edge = x[whole[whole.length - 1]];
  const beyond = down.filter((i) => x[i] > edge);
  const meanOver = (of: readonly number[]) => {
    const own = total(of.map((i) => p[i]));
    return own === 0 ? edge : total(of.map((i) => p[i] * x[i])) / own;
  };
  return {
    right: conditionalValueAtRisk(x, p, tail),
    "whole-outcomes": meanOver(whole),
    beyond: meanOver(beyond),
    "other-tail": -conditionalValueAtRisk(
      x.map((loss) => -loss),
      p,
      tail,
    ),
    quantile: edge,
    "not-divided": conditionalValueAtRisk(x, p, tail) * tail,
  };
}

export const cvarExercise = exercise({
  id: "18/cvar",
  title: "The mean of the tail",
  difficulty: 3,
  minutes: 10,
  gives: ["cvar"],
  watches: {
    "whole-outcomes":
      "Whole outcomes were taken until the tail was full, and more than it. Of the last one take only what fits.",
    beyond:
      "Only losses beyond the quantile were averaged. The part of the quantile's own outcome that fits belongs too.",
    "other-tail": "This is the mean of the least losses. The tail is at the great ones.",
    quantile: "This is the value at risk, where the tail begins. CVaR is the mean of the tail.",
    "not-divided": "The sum over the tail was not divided by the tail.",
  },
  parts: [
    {
      name: "the edge inside an outcome",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const random = list(uniform(a, 6, 0, 10));
        for (const { x, p, tail } of [
          { x: [1, 0.5, 2], p: [1 / 3, 1 / 3, 1 / 3], tail: 0.5 },
          { x: [2, 30, 7, -4], p: [0.4, 0.1, 0.2, 0.3], tail: 0.25 },
          { x: random, p: list(shares(b, 6)), tail: 0.35 },
        ]) {
          t.mistakes(
            await given.cvar([...x], [...p], tail),
            tailAnswers(x, p, tail),
            1e-6,
            `CVaR of ${told(x)} with probabilities ${told(p)}, tail ${tail}`,
          );
        }
      },
    },
    {
      name: "the whole distribution, and ties",
      points: 1,
      async run(given, t) {
        const p = [0.2, 0.3, 0.5];
        t.near(
          await given.cvar([4, 1, 2], [...p], 1),
          2.1,
          1e-6,
          "CVaR of [4, 1, 2], probabilities [0.2, 0.3, 0.5], tail 1",
        );
        t.near(
          await given.cvar([5, 5, 1], [...p], 0.4),
          5,
          1e-6,
          "CVaR of [5, 5, 1], probabilities [0.2, 0.3, 0.5], tail 0.4",
        );
      },
    },
  ],
});

function nextAnswers(p: readonly number[], v: readonly number[], xi: number) {
  const low = v.indexOf(least(v));
  const move = (half: number, order: number[], guard: boolean, to = low) => {
    const q = [...p];
    let left = Math.min(half, guard ? 1 - q[to] : half);
    q[to] += left;
    for (const i of order) {
      if (i === to) continue;
      const moved = guard ? Math.min(left, q[i]) : left;
      q[i] -= moved;
      left -= moved;
    }
    return dot(q, v);
  };
  const down = v.map((_, i) => i).sort((a, b) => v[b] - v[a]);
  const up = [...down].reverse();
  return {
    right: l1Worst(p, v, xi).value,
    "whole-radius": move(xi, down, true),
    "from-below": move(xi / 2, up, true),
    "negative-mass": move(xi / 2, down, false),
    "best-case": -l1Worst(
      p,
      v.map((value) => -value),
      xi,
    ).value,
  };
}

export const worstNextExercise = exercise({
  id: "18/worst-next",
  title: "Find the bug: the worst next field",
  difficulty: 2,
  minutes: 8,
  gives: ["worstNext"],
  watches: {
    "whole-radius":
      "Too much mass moves. What is moved counts twice in the sum of |q - p|, where it leaves and where it arrives: move xi / 2.",
    "from-below": "The mass was taken from low values first. Nature takes from the greatest.",
    "negative-mass": "More was taken from a field than it had: a probability below 0.",
    "best-case": "The mass went to the greatest value. Nature sends it to the least.",
  },
  parts: [
    {
      name: "small, middle and great radii",
      points: 2,
      look: "section 9",
      async run(given, t) {
        const [a, b] = split(t.key);
        const random = { p: list(shares(a, 5)), v: list(uniform(b, 5)) };
        for (const { p, v, xi } of [
          { p: [0.4, 0.3, 0.1, 0.2], v: [1, 2, 5, 4], xi: 0.1 },
          { p: [0.4, 0.3, 0.1, 0.2], v: [1, 2, 5, 4], xi: 1 },
          { ...random, xi: 0.5 },
        ]) {
          t.mistakes(
            await given.worstNext([...p], [...v], xi),
            nextAnswers(p, v, xi),
            1e-6,
            `the worst mean of ${told(v)} under ${told(p)}, xi = ${xi}`,
          );
        }
        t.near(await given.worstNext([0.5, 0.5], [3, 1], 2), 1, 1e-6, "the worst mean of [3, 1], xi = 2");
      },
    },
  ],
});

function improvementAnswers(m: number, s: number, best: number) {
  const z = (m - best) / s;
  const sure = Math.max(0, m - best);
  const at = (mean: number, sd: number, top: number) => {
    const score = (mean - top) / sd;
    return (mean - top) * normalCdf(score) + sd * normalDensity(score);
  };
  return s === 0
    ? { right: sure }
    : {
        right: at(m, s, best),
        probability: normalCdf(z),
        variance: at(m, s * s, best),
        minimising: at(-m, s, -best),
        "no-density": (m - best) * normalCdf(z),
      };
}

export const expectedImprovementExercise = exercise({
  id: "18/expected-improvement",
  title: "Expected improvement",
  difficulty: 2,
  minutes: 9,
  gives: ["improvement"],
  watches: {
    probability: "This is the probability of improving, without how much. Multiply out equation (9).",
    variance: "The variance stands where the sd should. s is the sd already.",
    minimising: "The sign is that of somebody who looks for a minimum. Better is greater here.",
    "no-density": "The second term is missing: s times the density at z.",
    "sure-place": "At s = 0 the answer was not a number. There it is max(0, m - best).",
  },
  parts: [
    {
      name: "better, equal and worse than the best",
      points: 2,
      look: "equation (9)",
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0.2, 0.6);
        for (const [m, s, best] of [
          [-0.5, 1, 0],
          [1, 2, 0.5],
          [x, 0.7, 1],
        ]) {
          t.mistakes(
            await given.improvement(m, s, best),
            improvementAnswers(m, s, best),
            1e-6,
            `the improvement for m = ${m.toFixed(3)}, s = ${s}, best = ${best}`,
          );
        }
      },
    },
    {
      name: "a place that was measured without noise",
      points: 1,
      async run(given, t) {
        for (const [m, best] of [
          [1.5, 1],
          [0.5, 1],
          [1, 1],
        ]) {
          const got = (await given.improvement(m, 0, best)) as number;
          if (!Number.isFinite(got)) t.mistake("sure-place");
          t.near(got, Math.max(0, m - best), 1e-6, `the improvement for m = ${m}, s = 0, best = ${best}`);
        }
      },
    },
  ],
});

interface Play {
  utility: readonly number[];
  z: readonly number[][];
  e: readonly number[];
  noise: number;
}

/** Thompson sampling, or with one of its mistakes. */
function playArms({ utility, z, e, noise }: Play, slip = "") {
  const [m, v] = [utility.map(() => 0), utility.map(() => 1)];
  const played = e.map((own, t) => {
    const index = m.map((centre, a) => {
      const draw = slip === "one-draw" ? z[t][0] : z[t][a];
      const width = slip === "variance" ? v[a] : Math.sqrt(v[a]);
      return centre + (slip === "greedy" ? 0 : width * draw);
    });
    const arm = index.indexOf(most(index));
    const reward = utility[arm] + noise * own;
    const precision = 1 / v[arm] + 1 / (slip === "noise-not-squared" ? noise : noise ** 2);
    m[arm] = (m[arm] / v[arm] + reward / (slip === "noise-not-squared" ? noise : noise ** 2)) / precision;
    if (slip !== "never-surer") v[arm] = 1 / precision;
    return arm;
  });
  return { played, means: m };
}

export const thompsonLoopExercise = exercise({
  id: "18/thompson-loop",
  title: "Write the loop: Thompson sampling",
  difficulty: 4,
  minutes: 20,
  gives: ["thompsonLoop"],
  watches: {
    greedy:
      "The arm with the greatest mean was played. Draw a value for each arm, m + sqrt(v) z, and play the greatest.",
    variance: "The draws are v times z wide. A draw of N(m, v) is m + sqrt(v) z.",
    "one-draw": "All arms share one draw. Arm a gets z[t][a].",
    "never-surer": "The variance never falls. After a reward the arm's precision 1 / v grows by 1 / noise ** 2.",
    "noise-not-squared":
      "The noise's sd stands where its variance should: a reward adds a precision of 1 / noise ** 2.",
  },
  parts: [
    {
      name: "twelve rounds with given luck",
      points: 2,
      look: "section 10",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const hand = {
          utility: [0, 1, 0.5],
          z: Array.from({ length: 12 }, (_, i) => [Math.sin(5 * i + 1), 1.5 * Math.cos(3 * i), Math.sin(7 * i + 2)]),
          e: Array.from({ length: 12 }, (_, i) => Math.cos(4 * i + 1)),
          noise: 0.5,
        };
        const random = {
          utility: list(normal(a, 4)),
          z: split(b, 40).map((own) => list(normal(own, 4))),
          e: list(normal(c, 40)),
          noise: 0.6,
        };
        for (const play of [hand, random]) {
          const { utility, z, e, noise } = play;
          const slips = ["greedy", "variance", "one-draw", "never-surer", "noise-not-squared"] as const;
          t.mistakes(
            await given.thompsonLoop([...utility], structuredClone(z), [...e], noise),
            {
              right: playArms(play),
              ...(Object.fromEntries(slips.map((slip) => [slip, playArms(play, slip)])) as Record<
                (typeof slips)[number],
                ReturnType<typeof playArms>
              >),
            },
            1e-6,
            `{ played, means } of ${e.length} rounds with arms ${told(utility)}`,
          );
        }
      },
    },
    {
      name: "it learns: the best arm is played most in the end",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const utility = [0, 1.5, 0.2].map((u, i) => u + 0.05 * uniform(a, 3)[i]);
        const rounds = 200;
        const z = split(b, rounds).map((own) => list(normal(own, 3)));
        const got = (await given.thompsonLoop([...utility], z, list(normal(c, rounds)), 0.5)) as { played: number[] };
        const late = list(got.played).slice(100);
        const share = late.filter((arm) => arm === 1).length / late.length;
        t.expect(share, "share of the best arm in the last hundred rounds").to.be.above(0.8);
      },
    },
  ],
});
