import { randomMdp } from "rlhf-lab/mdp";
import { type Key, normal, permutation, split, uniform } from "rlhf-lab/random";
import { occupancyDirections } from "rlhf-lab/rewards";
import { phraseTask } from "rlhf-lab/worlds";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const average = (values: readonly number[]) => total(values) / values.length;
const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));

/** n probabilities, none of them small. */
function probabilities(key: Key, n: number): number[] {
  const raw = list(uniform(key, n, 0.2, 1));
  return raw.map((x) => x / total(raw));
}

const rows = (key: Key, count: number, make: (k: Key) => number[]) => split(key, count).map(make);

export const misalignmentCostExercise = exercise({
  id: "11/misalignment-cost",
  title: "What misalignment costs",
  difficulty: 2,
  minutes: 8,
  gives: ["costOf"],
  watches: {
    sign: "The sign is turned round: a cost is what is lost, the best minus what the policy earns, and never negative.",
    "one-reply-for-all":
      "This compares with the single reply that is best on average over prompts. Each prompt has a best reply of its own: the maximum stands inside the mean.",
    "proxy-best":
      "This compares with the proxy's favourite reply. The best reply is the one with the highest utility; the proxy does not occur in equation (1).",
    summed: "This is the sum over prompts. Equation (1) is their mean.",
    likeliest:
      "This takes the utility of the policy's likeliest reply. What the policy earns is the mean over all of its replies.",
  },
  parts: [
    {
      name: "two prompts with different best replies",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const policy = [
          [0.6, 0.3, 0.1],
          [0.1, 0.7, 0.2],
        ];
        const proxy = [
          [0, 5, 1],
          [1, 5, 0],
        ];
        const utility = [
          [0, 1, 4],
          [6, 2, 0],
        ];
        await compare(given, t, policy, proxy, utility);
      },
    },
    {
      name: "random prompts",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        await compare(
          given,
          t,
          rows(a, 3, (k) => probabilities(k, 5)),
          rows(b, 3, (k) => list(normal(k, 5))),
          rows(c, 3, (k) => list(normal(k, 5))),
        );
      },
    },
  ],
});

type Mistakes = Record<string, unknown> & { right: unknown };

async function compare(
  given: { costOf(...lists: number[][][]): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void },
  policy: number[][],
  proxy: number[][],
  utility: number[][],
): Promise<void> {
  const got = await given.costOf(copy(policy), copy(proxy), copy(utility));
  const earned = policy.map((own, x) => own.reduce((sum, p, y) => sum + p * utility[x][y], 0));
  const cost = average(utility.map((own, x) => largest(own) - earned[x]));
  const columns = utility[0].map((_, y) => average(utility.map((own) => own[y])));
  const values: Mistakes = {
    right: cost,
    sign: -cost,
    "one-reply-for-all": largest(columns) - average(earned),
    "proxy-best": average(utility.map((own, x) => own[proxy[x].indexOf(largest(proxy[x]))] - earned[x])),
    summed: cost * policy.length,
    likeliest: average(utility.map((own, x) => largest(own) - own[policy[x].indexOf(largest(policy[x]))])),
  };
  t.mistakes(got, values as never, 1e-6, "the cost");
}

const copy = (matrix: readonly (readonly number[])[]) => matrix.map((row) => [...row]);

/** Least squares of gains on x and -z. */
function leastSquares(x: readonly number[], z: readonly number[], gains: readonly number[]): { a: number; b: number } {
  const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, own, k) => sum + own * v[k], 0);
  const determinant = dot(x, x) * dot(z, z) - dot(x, z) ** 2;
  return {
    a: (dot(x, gains) * dot(z, z) - dot(z, gains) * dot(x, z)) / determinant,
    b: (dot(x, gains) * dot(x, z) - dot(z, gains) * dot(x, x)) / determinant,
  };
}

/** The same with a constant: both columns and the gains from their means. */
function withIntercept(x: readonly number[], z: readonly number[], gains: readonly number[]) {
  const centred = (values: readonly number[]) => values.map((v) => v - average(values));
  return leastSquares(centred(x), centred(z), centred(gains));
}

function peakOf(form: string, { a, b }: { a: number; b: number }) {
  return { a, b, peak: form === "bestOfN" ? a / (2 * b) : Math.exp(a / b - 1) };
}

export const gaoFitExercise = exercise({
  id: "11/gao-fit",
  title: "Fit both forms",
  difficulty: 3,
  minutes: 15,
  gives: ["fitForm"],
  watches: {
    "kl-for-root": "The forms are in d, the root of the KL. Here the KL itself was put in.",
    intercept:
      "A constant was fitted as well. At distance 0 nothing is gained: both forms go through the origin, with two unknowns.",
    log10: "The logarithm of the second form is the natural one, Math.log; this is the one to base 10.",
    "peak-twice": "The peak of d (a - b d) is at a / 2b: its derivative is a - 2 b d. At a / b the curve is back at 0.",
    "peak-exp":
      "The peak of d (a - b ln d) is at exp(a/b - 1): its derivative is a - b - b ln d. At exp(a/b) it is back at 0.",
    "sign-of-b": "The sign of b is turned round: the forms have minus b.",
  },
  parts: (["bestOfN", "rl"] as const).map((form) => ({
    name: form === "bestOfN" ? "the square form, on noisy gains" : "the form with the logarithm, on noisy gains",
    points: 2,
    look: "equation (3)",
    async run(given, t) {
      const [ka, kb, kn] = split(t.key, 3);
      const [a, b] = [1 + uniform(ka, 1)[0], 0.3 + 0.3 * uniform(kb, 1)[0]];
      const kl = [0.1, 0.3, 0.8, 1.5, 3, 6];
      const noise = normal(kn, kl.length);
      const bent = (d: number) => (form === "bestOfN" ? d * d : d * Math.log(d));
      const gains = kl.map((nats, k) => a * Math.sqrt(nats) - b * bent(Math.sqrt(nats)) + 0.1 + 0.1 * noise[k]);
      const d = kl.map(Math.sqrt);
      const right = leastSquares(d, d.map(bent), gains);
      const ten = { a: right.a, b: right.b * Math.LN10 };
      t.mistakes(
        await given.fitForm([...kl], [...gains], form),
        {
          right: peakOf(form, right),
          "kl-for-root": peakOf(form, leastSquares(kl, kl.map(bent), gains)),
          intercept: peakOf(form, withIntercept(d, d.map(bent), gains)),
          "sign-of-b": { a: right.a, b: -right.b, peak: peakOf(form, right).peak },
          ...(form === "bestOfN"
            ? { "peak-twice": { ...right, peak: right.a / right.b } }
            : { log10: peakOf(form, ten), "peak-exp": { ...right, peak: Math.exp(right.a / right.b) } }),
        },
        1e-6,
        "a, b and the peak",
      );
    },
  })),
});

/** The quantiliser's probabilities. */
function quantilise(ref: readonly number[], score: readonly number[], q: number): number[] {
  const order = ref.map((_, y) => y).sort((a, b) => score[b] - score[a]);
  const out = ref.map(() => 0);
  let left = q;
  for (const y of order) {
    const kept = Math.min(ref[y], left);
    out[y] = kept / q;
    left -= kept;
  }
  return out;
}

function quantiliserMistakes(ref: readonly number[], score: readonly number[], q: number) {
  const N = ref.length;
  const order = ref.map((_, y) => y).sort((a, b) => score[b] - score[a]);
  const right = quantilise(ref, score, q);
  const counted = order.slice(0, Math.max(1, Math.round(q * N)));
  const mass = total(counted.map((y) => ref[y]));
  const whole = right.map((p, y) => (p > 0 ? ref[y] : 0));
  return {
    right,
    bottom: quantilise(
      ref,
      score.map((s) => -s),
      q,
    ),
    "by-count": ref.map((p, y) => (counted.includes(y) ? p / mass : 0)),
    "not-normalised": right.map((p) => p * q),
    "whole-outcome": whole.map((p) => p / total(whole)),
    "one-minus": quantilise(ref, score, 1 - q),
  };
}

export const quantiliserExercise = exercise({
  id: "11/quantiliser",
  title: "The quantiliser",
  difficulty: 3,
  minutes: 12,
  gives: ["quantiliserOf"],
  watches: {
    bottom: "This keeps the worst share. Sort from the highest score down.",
    "by-count":
      "This keeps a share of the outcomes. q is a share of probability: with unequal outcomes, walk until their probabilities add up to q.",
    "not-normalised": "The probabilities add up to q, not to 1: divide by q.",
    "whole-outcome":
      "The outcome that the boundary cuts was kept as a whole. Keep only what is left of q, so that nothing becomes more than 1/q times as likely.",
    "one-minus": "This keeps the share 1 - q. q is what is kept: a small q goes far.",
  },
  parts: [
    {
      name: "the example: 0.7, 0.2, 0.1 and a fifth",
      points: 1,
      look: "the text of exercise 3",
      async run(given, t) {
        const [ref, score] = [
          [0.7, 0.2, 0.1],
          [1, 2, 3],
        ];
        t.mistakes(
          await given.quantiliserOf([...ref], [...score], 0.2),
          quantiliserMistakes(ref, score, 0.2),
          1e-6,
          "the probabilities",
        );
      },
    },
    {
      name: "eight outcomes in any order",
      points: 2,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const ref = probabilities(a, 8);
        const score = list(permutation(b, 8));
        const q = 0.25 + 0.2 * uniform(c, 1)[0];
        t.mistakes(
          await given.quantiliserOf([...ref], [...score], q),
          quantiliserMistakes(ref, score, q),
          1e-6,
          "the probabilities",
        );
      },
    },
    {
      name: "everything, for q = 1",
      points: 1,
      async run(given, t) {
        t.near(await given.quantiliserOf([0.5, 0.2, 0.3], [3, 1, 2], 1), [0.5, 0.2, 0.3], 1e-6, "with q = 1");
      },
    },
  ],
});

type Selection = [v: number[], pV: number[], x: number[], pX: number[], t: number];

/** Mean of `of` over pairs that are kept. */
function kept(
  [v, pV, x, pX]: Selection,
  keep: (v: number, x: number) => boolean,
  of: (v: number, x: number) => number = (own) => own,
): { mean: number; sum: number } {
  let [mass, sum] = [0, 0];
  v.forEach((own, i) => {
    x.forEach((error, j) => {
      if (!keep(own, error)) return;
      mass += pV[i] * pX[j];
      sum += pV[i] * pX[j] * of(own, error);
    });
  });
  return { mean: sum / mass, sum };
}

export const tailLawExercise = exercise({
  id: "11/tail-law",
  title: "What is selected?",
  difficulty: 3,
  minutes: 10,
  gives: ["selectedValue"],
  watches: {
    "error-selected":
      "This selects by the error alone. What is seen, and selected by, is the sum V + X; by the error alone V keeps its mean.",
    "at-least": "Those who score exactly t are in as well. The condition is V + X > t.",
    "not-conditional": "This is E[V; V + X > t]. Divide by the probability of being selected.",
    "score-for-value": "This is the mean score of the selected. Asked for is what they are worth, V without the error.",
    unweighted: "Every pair counts the same here. It is to count with its probability, pV times pX.",
  },
  parts: [
    {
      name: "values and errors in {0, 1, 5}",
      points: 2,
      look: "the condition V + X > t",
      async run(given, t) {
        const numbers = () => [0, 1, 5];
        await compareSelection(given, t, [numbers(), [0.6, 0.3, 0.1], numbers(), [0.5, 0.3, 0.2], 5]);
      },
    },
    {
      name: "random values and errors",
      points: 1,
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const v = list(normal(a, 5));
        const x = list(normal(c, 4)).map((own) => 2 * own);
        // Something lies above the bar in every draw.
        const bar = Math.min(0.5, Math.max(...v) + Math.max(...x) - 0.5);
        await compareSelection(given, t, [v, probabilities(b, 5), x, probabilities(d, 4), bar]);
      },
    },
  ],
});

async function compareSelection(
  given: { selectedValue(...s: Selection): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void },
  selection: Selection,
): Promise<void> {
  const [v, pV, x, pX, bar] = selection;
  const above = (own: number, error: number) => own + error > bar;
  const equal = (values: number[]) => values.map(() => 1);
  const { mean, sum } = kept(selection, above);
  const values: Mistakes = {
    right: mean,
    "error-selected": kept(selection, (_, error) => error > bar).mean,
    "at-least": kept(selection, (own, error) => own + error >= bar).mean,
    "not-conditional": sum,
    "score-for-value": kept(selection, above, (own, error) => own + error).mean,
    unweighted: kept([v, equal(v), x, equal(x), bar], above).mean,
  };
  // With discrete errors nothing may lie above the bar: E[V] is what such code then says, or NaN.
  if (Number.isNaN(values["error-selected"] as number)) values["error-selected"] = kept(selection, () => true).mean;
  t.mistakes(
    await given.selectedValue([...v], [...pV], [...x], [...pX], bar),
    values as never,
    // A guard under the fraction counts for more where little is selected.
    1e-5,
    "E[V | V + X > t]",
  );
}

export const hackableExercise = exercise({
  id: "11/hackable",
  title: "Hackable, equivalent, trivial",
  difficulty: 4,
  minutes: 15,
  gives: ["relationOf"],
  watches: {
    "not-projected":
      "A reward and the same reward with a potential on it were called hackable: compare projections, not the rewards as they are written.",
    absolute:
      "A reward and its opposite were called equivalent. Only positive multiples are: mind the sign of the cosine.",
    "no-trivial":
      "A constant reward projects to 0: all policies earn the same, nothing can be ordered oppositely. That is trivial.",
    "same-side":
      "Two different rewards that point to the same side were called equivalent. A positive dot product is not enough: between any two that are not multiples there is a direction in which one rises and the other falls.",
  },
  parts: [
    {
      name: "shaping, scale and a constant change nothing",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const { directions, reward, shaped } = hackingWorld(t.key);
        const like = shaped(reward).map((r) => 3 * r + 2);
        const got = await given.relationOf(copy(directions), [...reward], like);
        if (got === "hackable") t.mistake("not-projected");
        t.expect(got, "a reward, and three times the same with a potential").to.equal("equivalent");
      },
    },
    {
      name: "opposites, relatives and strangers are hackable",
      points: 2,
      async run(given, t) {
        const { directions, reward, other, shaped } = hackingWorld(t.key);
        const opposite = await given.relationOf(copy(directions), [...reward], shaped(reward.map((r) => -2 * r)));
        if (opposite === "equivalent") t.mistake("absolute");
        t.expect(opposite, "a reward and its shaped opposite").to.equal("hackable");
        for (const share of [0.1, 1]) {
          const near = reward.map((r, i) => r + share * other[i]);
          const got = await given.relationOf(copy(directions), [...reward], near);
          if (got === "equivalent") t.mistake("same-side");
          t.expect(got, "a reward and the same with something else added").to.equal("hackable");
        }
      },
    },
    {
      name: "a constant is trivial",
      points: 1,
      async run(given, t) {
        const { directions, reward, shaped } = hackingWorld(t.key);
        const zero = shaped(reward.map(() => 1.5));
        for (const [a, b] of [
          [reward, zero],
          [zero, reward],
        ]) {
          const got = await given.relationOf(copy(directions), [...a], [...b]);
          if (got !== "trivial") t.mistake("no-trivial");
        }
      },
    },
  ],
});

/** A random world, a reward, another one whose projection is orthogonal to it, and shaping. */
function hackingWorld(key: Key) {
  const [a, b, c, d] = split(key, 4);
  const mdp = randomMdp(a, { states: 3, actions: 3, discount: 0.8 });
  const directions = occupancyDirections(mdp).map(list);
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, own, i) => sum + own * y[i], 0);
  const along = (x: readonly number[]) => directions.map((own) => dot(own, x));
  const reward = list(normal(b, 9));
  const raw = list(normal(c, 9));
  const [p, q] = [along(reward), along(raw)];
  const free = q.map((own, i) => own - (dot(p, q) / dot(p, p)) * p[i]);
  const size = Math.sqrt(dot(p, p) / dot(free, free));
  const other = reward.map((_, i) => size * directions.reduce((sum, own, k) => sum + free[k] * own[i], 0));
  const potential = list(normal(d, 3)).map((phi) => phi + 1);
  const shaped = (r: readonly number[]) =>
    r.map((own, pair) => {
      const next = potential.reduce((sum, phi, s) => sum + mdp.transitions[pair * 3 + s] * phi, 0);
      return own + mdp.discount * next - potential[Math.floor(pair / 3)];
    });
  return { directions, reward, other, shaped };
}

interface Pairing {
  tie?: number;
  weighted?: boolean;
}

/** The area, with a value for ties, with or without weights. */
function areaOf(score: number[], hacked: boolean[], weight: number[], { tie = 0.5, weighted = true }: Pairing = {}) {
  let [won, all] = [0, 0];
  score.forEach((high, i) => {
    score.forEach((low, j) => {
      if (!hacked[i] || hacked[j]) return;
      const both = weighted ? weight[i] * weight[j] : 1;
      all += both;
      won += both * (high > low ? 1 : high === low ? tie : 0);
    });
  });
  return won / all;
}

export const detectorAucExercise = exercise({
  id: "11/detector-auc",
  title: "The area, with weights and ties",
  difficulty: 3,
  minutes: 12,
  gives: ["areaUnder"],
  watches: {
    "ties-won": "A tie counts 1 here. It is worth 1/2: a detector that says the same of all replies is a coin.",
    "ties-lost": "A tie counts 0 here. It is worth 1/2: a detector that says the same of all replies is a coin.",
    unweighted: "Every pair of replies counts the same. A pair is to count with the product of its two weights.",
    swapped: "Hacked and honest changed places: this is the probability that an honest reply scores higher.",
    "not-normalised":
      "This is a sum over pairs. Divide by the weight of all pairs of a hacked and an honest reply: weights need not add up to 1 in each group.",
  },
  parts: [
    {
      name: "scores with ties, weights 0.9 and 0.1",
      points: 2,
      look: "ties and weights",
      async run(given, t) {
        await compareArea(given, t, [3, 2, 2, 1, 0], [true, false, true, false, true], [0.1, 0.9, 0.9, 0.1, 0.1]);
      },
    },
    {
      name: "random replies",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const score = list(uniform(a, 12, 0, 5)).map(Math.floor);
        const order = list(permutation(c, 12));
        await compareArea(
          given,
          t,
          score,
          order.map((place) => place < 5),
          probabilities(b, 12),
        );
      },
    },
    {
      name: "one score for all is a coin",
      points: 1,
      async run(given, t) {
        const got = await given.areaUnder([7, 7, 7], [true, false, false], [0.2, 0.3, 0.5]);
        t.mistakes(
          got,
          { right: 0.5, "ties-won": 1, "ties-lost": 0, "not-normalised": 0.08 },
          1e-6,
          "one score for all",
        );
      },
    },
  ],
});

async function compareArea(
  given: { areaUnder(score: number[], hacked: boolean[], weight: number[]): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void },
  score: number[],
  hacked: boolean[],
  weight: number[],
): Promise<void> {
  const group = (want: boolean) => total(weight.filter((_, y) => hacked[y] === want));
  const right = areaOf(score, hacked, weight);
  const values: Mistakes = {
    right,
    "ties-won": areaOf(score, hacked, weight, { tie: 1 }),
    "ties-lost": areaOf(score, hacked, weight, { tie: 0 }),
    unweighted: areaOf(score, hacked, weight, { weighted: false }),
    swapped: 1 - right,
    "not-normalised": right * group(true) * group(false),
  };
  t.mistakes(await given.areaUnder([...score], [...hacked], [...weight]), values as never, 1e-6, "the area");
}

interface Slips {
  /** What a round draws from: the proxy's policy now, the first one, or the reference. */
  from?: "now" | "first" | "reference";
  forget?: boolean;
  multiply?: boolean;
  within?: boolean;
  assign?: boolean;
}

type Loop = [ref: number[], proxy: number[], utility: number[], luck: number[][], beta: number, rate: number];

/** The loop of exercise 7, with its slips. */
function mend([ref, proxy, utility, luck, beta, rate]: Loop, slips: Slips = {}): number[] {
  const { from = "now", forget = false, multiply = false, within = false, assign = false } = slips;
  const mended = [...proxy];
  const policyOf = (scores: readonly number[]) => {
    if (from === "reference") return [...ref];
    const exponent = scores.map((s) => (multiply ? s * beta : s / beta));
    const weights = ref.map((p, y) => (forget ? 1 : p) * Math.exp(exponent[y] - largest(exponent)));
    return weights.map((w) => w / total(weights));
  };
  const draw = (policy: readonly number[], v: number) => {
    let sum = 0;
    const found = policy.findIndex((p) => {
      sum += p;
      return sum > v;
    });
    return found < 0 ? policy.length - 1 : found;
  };
  for (const row of luck) {
    const begun = policyOf(from === "first" ? proxy : mended);
    const drawn = within ? [] : row.map((v) => draw(begun, v));
    row.forEach((v, i) => {
      const y = within ? draw(policyOf(mended), v) : drawn[i];
      mended[y] = assign ? utility[y] : mended[y] + rate * (utility[y] - mended[y]);
    });
  }
  return mended;
}

/** Replies of three words and the lexicon, as plain lists; built when first asked for. */
let phrases: { ref: number[]; lexicon: number[]; utility: number[] } | undefined;
function shortPhrases() {
  if (phrases === undefined) {
    const { reference, lexicon, utility } = phraseTask({ length: 3 });
    phrases = { ref: list(reference[0]).map(Math.exp), lexicon: list(lexicon), utility: list(utility[0]) };
  }
  return phrases;
}

export const auditLoopExercise = exercise({
  id: "11/audit-loop",
  title: "The loop: ask about what you are about to say",
  difficulty: 4,
  minutes: 20,
  gives: ["mendProxy"],
  watches: {
    "draws-from-reference":
      "Replies are drawn from the reference. Ask about what the policy is about to say: it draws from ref exp(R / beta), with R as mended so far.",
    "first-policy": "Every round draws from the first policy. Work the policy out anew at the beginning of each round.",
    "no-reference": "The reference is missing from the policy: pi is in proportion to ref(y) exp(R(y) / beta).",
    "beta-times": "R is multiplied by beta. It is divided by it: a small beta is greedy.",
    "within-round":
      "The policy changes within a round. First draw all replies of the row, then ask about them in turn: people answer a batch.",
    "ignores-rate":
      "The proxy jumps to the utility at once. It moves by the rate: R + rate (U - R), once for each draw, twice if a reply was drawn twice.",
  },
  parts: [
    {
      name: "two rounds, by hand",
      points: 2,
      look: "the text of exercise 7",
      async run(given, t) {
        // Every mistake ends elsewhere, and none within 0.04 of where a draw would turn.
        const args: Loop = [
          [0.5, 0.3, 0.2],
          [0, 1, 2],
          [1, 3, -2],
          [
            [0.74, 0.92, 0.71, 0.23],
            [0.14, 0.44, 0.15, 0.69],
          ],
          1.5,
          0.5,
        ];
        await compareLoop(given, t, args);
      },
    },
    {
      name: "random worlds",
      points: 2,
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const proxy = list(normal(b, 5));
        const utility = list(normal(c, 5)).map((u) => 2 * u);
        const luck = split(d, 6).map((k) => list(uniform(k, 6)));
        await compareLoop(given, t, [probabilities(a, 5), proxy, utility, luck, 0.6, 0.4]);
      },
    },
    {
      name: "people end up happier",
      points: 1,
      async run(given, t) {
        const { ref, lexicon, utility } = shortPhrases();
        const luck = split(t.key, 40).map((k) => list(uniform(k, 8)));
        const beta = 0.3;
        const worth = (scores: readonly number[]) => {
          const top = largest(scores); // once: what was answered may be long
          const weights = ref.map((p, y) => p * Math.exp((scores[y] - top) / beta));
          return weights.reduce((sum, w, y) => sum + w * utility[y], 0) / total(weights);
        };
        const got = list(await given.mendProxy([...ref], [...lexicon], [...utility], luck, beta, 0.5));
        const [before, after] = [worth(lexicon), worth(got)];
        if (!(after > before + 0.3)) {
          t.fail(
            `after 40 rounds the policy of your proxy is worth ${after.toFixed(2)} nats to people, before the first it was ${before.toFixed(2)}: it should have risen by 0.3 or more.`,
          );
        }
      },
    },
  ],
});

async function compareLoop(
  given: { mendProxy(...args: Loop): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void },
  args: Loop,
): Promise<void> {
  const [ref, proxy, utility, luck, beta, rate] = args;
  const got = await given.mendProxy([...ref], [...proxy], [...utility], copy(luck), beta, rate);
  const values: Mistakes = {
    right: mend(args),
    "draws-from-reference": mend(args, { from: "reference" }),
    "first-policy": mend(args, { from: "first" }),
    "no-reference": mend(args, { forget: true }),
    "beta-times": mend(args, { multiply: true }),
    "within-round": mend(args, { within: true }),
    "ignores-rate": mend(args, { assign: true }),
  };
  t.mistakes(got, values as never, 1e-6, "the proxy after the last round");
}

type Members = [members: number[][], ref: number[], lambda: number];

interface EnsembleSlips {
  centre?: "reference" | "plain" | "none";
  divisor?: (K: number) => number;
  root?: boolean;
}

function combined([members, ref, lambda]: Members, slips: EnsembleSlips = {}) {
  const { centre = "reference", divisor = (K) => K, root = false } = slips;
  const zeros = members.map((own) =>
    centre === "none" ? 0 : centre === "plain" ? average(own) : own.reduce((sum, r, y) => sum + ref[y] * r, 0),
  );
  const columns = ref.map((_, y) => members.map((own, k) => own[y] - zeros[k]));
  return {
    worst: columns.map((values) => values.reduce((a, b) => Math.min(a, b))),
    weighted: columns.map((values) => {
      const middle = average(values);
      const spread = total(values.map((v) => (v - middle) ** 2)) / divisor(values.length);
      return middle - lambda * (root ? Math.sqrt(spread) : spread);
    }),
  };
}

export const ensemblesExercise = exercise({
  id: "11/ensembles",
  title: "Find the bug: whose zero?",
  difficulty: 3,
  minutes: 8,
  gives: ["conservative"],
  watches: {
    uncentred:
      "The members are taken as they come. Comparisons leave each its own zero: take from each member its mean under the reference before you combine them.",
    "plain-mean":
      "Each member was centred on its plain mean over replies. The reference is what it is to be centred on: weigh by ref.",
    "sample-variance":
      "The variance is divided by K - 1. The population's, divided by K, is asked for: else lambda means something else for each K.",
    deviation: "This takes the standard deviation off. The rule has lambda times the variance.",
    "per-member":
      "The worst case is to be the least over members, one number for each reply. This is the least over replies, one for each member.",
  },
  parts: [
    {
      name: "three members over four replies",
      points: 2,
      look: "centring and the variance",
      async run(given, t) {
        const members = [
          [1, 2, 0, 4],
          [7, 6, 9, 8],
          [-1, 3, 1, 0],
        ];
        await compareMembers(given, t, [members, [0.4, 0.3, 0.2, 0.1], 0.5]);
      },
    },
    {
      name: "random members",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const shifts = uniform(c, 4, -5, 5);
        const members = rows(a, 4, (k) => list(normal(k, 6))).map((own, k) => own.map((r) => r + shifts[k]));
        await compareMembers(given, t, [members, probabilities(b, 6), 0.7]);
      },
    },
  ],
});

async function compareMembers(
  given: { conservative(...args: Members): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void; mistake(name: never): never },
  args: Members,
): Promise<void> {
  const [members, ref, lambda] = args;
  const got = await given.conservative(copy(members), [...ref], lambda);
  const right = combined(args);
  const worst = (got as { worst?: ArrayLike<number> } | undefined)?.worst;
  if (worst !== undefined && worst !== null && worst.length === members.length && members.length !== ref.length) {
    t.mistake("per-member" as never);
  }
  const values: Mistakes = {
    right,
    uncentred: combined(args, { centre: "none" }),
    "plain-mean": combined(args, { centre: "plain" }),
    "sample-variance": combined(args, { divisor: (K) => K - 1 }),
    deviation: combined(args, { root: true }),
  };
  t.mistakes(got, values as never, 1e-6, "worst and weighted");
}

type Applicants = [value: number[], gain: number[], share: number[], seats: number];

/** Mean of `of` over the top seats by `by`. */
function admitted(
  [value, , share, seats]: Applicants,
  by: (i: number) => number,
  of: (i: number) => number = (i) => value[i],
): number {
  const chosen = quantilise(
    share,
    value.map((_, i) => by(i)),
    seats,
  );
  return chosen.reduce((sum, p, i) => sum + p * of(i), 0);
}

export const admissionsExercise = exercise({
  id: "11/admissions",
  title: "On something new: admissions",
  difficulty: 3,
  minutes: 7,
  gives: ["admittedValue"],
  watches: {
    honest: "This admits by value. The school sees the score only: value plus gain.",
    "mean-score":
      "This is the mean score of the admitted. Asked for is what they are worth: the value without the coach.",
    "gain-only": "This admits by gain alone. The score is value plus gain.",
    "whole-group":
      "The group at the boundary was admitted as a whole, beyond the seats. Only as many of it as there are seats left.",
    "per-applicant": "The sum was not divided by the seats: what is asked for is the mean over the admitted.",
  },
  parts: [
    {
      name: "four groups, of which one has a good coach",
      points: 2,
      look: "who is admitted",
      async run(given, t) {
        await compareAdmitted(given, t, [[3, 2, 1, 0], [0, 0.5, 2.7, 1], [0.1, 0.2, 0.3, 0.4], 0.35]);
      },
    },
    {
      name: "random groups",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const gain = list(uniform(b, 6, 0, 3));
        await compareAdmitted(given, t, [list(normal(a, 6)), gain, probabilities(c, 6), 0.3]);
      },
    },
  ],
});

async function compareAdmitted(
  given: { admittedValue(...args: Applicants): Promise<unknown> },
  t: { mistakes(got: unknown, values: never, tolerance: number, what: string): void },
  args: Applicants,
): Promise<void> {
  const [value, gain, share, seats] = args;
  const score = (i: number) => value[i] + gain[i];
  const right = admitted(args, score);
  const chosen = quantilise(
    share,
    value.map((_, i) => score(i)),
    seats,
  );
  const whole = chosen.map((p, i) => (p > 0 ? share[i] : 0));
  const values: Mistakes = {
    right,
    honest: admitted(args, (i) => value[i]),
    "mean-score": admitted(args, score, score),
    "gain-only": admitted(args, (i) => gain[i]),
    "whole-group": whole.reduce((sum, p, i) => sum + p * value[i], 0) / total(whole),
    "per-applicant": right * seats,
  };
  t.mistakes(
    await given.admittedValue([...value], [...gain], [...share], seats),
    values as never,
    1e-6,
    "the mean value of the admitted",
  );
}
