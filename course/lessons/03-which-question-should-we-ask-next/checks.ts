import { sigmoid } from "rlhf-lab/numerics";
import { active } from "rlhf-lab/preferences";
import { foldIn, type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** A committee of five of whom nobody is certain or undecided. */
function drawProbabilities(key: Key): number[] {
  const [near, far] = split(key);
  return [...uniform(near, 3, 0.05, 0.45), ...uniform(far, 2, 0.6, 0.97)];
}

/** Room for a small number inside a logarithm, 1e-8 say, which the text does not forbid. */
const GUARD = 1e-6;

export const informationGainExercise = exercise({
  id: "03/information-gain",
  title: "Information gain from an ensemble",
  difficulty: 2,
  minutes: 10,
  gives: ["informationGain"],
  watches: {
    "total-entropy":
      "This is the entropy of the mean probability, the first term alone. It is as large for a tie that every model knows to be a tie. " +
      "What is left when the labeler's own coin, the mean of the models' entropies, is taken away?",
    "noise-only":
      "This is the mean of the models' entropies, the labeler's coin. It is what no answer can take away: subtract it from the entropy of the mean probability.",
    "wrong-sign":
      "The two terms are the wrong way round: the entropy of a mean is at least the mean of the entropies, so a gain is never below 0.",
    bits: "The size is right in bits. This course counts in nats: take Math.log, not Math.log2.",
    "zero-log":
      "A model that is certain makes this NaN: Math.log(0) is -Infinity, and 0 times that is not a number. Let the term be 0 where p is 0.",
  },
  parts: [
    {
      name: "matches equation (2) for a random ensemble of five",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const probabilities = drawProbabilities(t.key);
        const total = active.binaryEntropy(average(probabilities));
        const noise = average(probabilities.map(active.binaryEntropy));
        const right = total - noise;
        t.mistakes(
          await given.informationGain(probabilities),
          { right, "total-entropy": total, "noise-only": noise, "wrong-sign": -right, bits: right / Math.LN2 },
          GUARD,
          `the gain of an ensemble that says [${probabilities.map((p) => p.toFixed(2))}]`,
        );
      },
    },
    {
      name: "is 0 for a tie that everybody knows, and ln 2 for two models that are certain of opposites",
      points: 1,
      async run(given, t) {
        t.mistakes(
          await given.informationGain([0.5, 0.5, 0.5]),
          { right: 0, "total-entropy": Math.LN2, "noise-only": Math.LN2 },
          GUARD,
          "the gain of an ensemble that says [0.5, 0.5, 0.5]",
        );
        const certain = await given.informationGain([0, 1]);
        if (Number.isNaN(certain)) t.mistake("zero-log");
        t.mistakes(
          certain,
          { right: Math.LN2, bits: 1, "wrong-sign": -Math.LN2 },
          GUARD,
          "the gain of an ensemble that says [0, 1]",
        );
      },
    },
  ],
});

const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
const kl = (p: number, q: number) => term(p, q) + term(1 - p, 1 - q);

export const committeeExercise = exercise({
  id: "03/committee",
  title: "Committee disagreement",
  difficulty: 2,
  minutes: 10,
  gives: ["voteEntropy", "consensusDivergence"],
  watches: {
    "soft-votes":
      "This is the entropy of the mean probability. In a vote a member's 0.51 counts as much as its 0.99: count the members above 1/2 first.",
    "reversed-kl":
      "The KL is the wrong way round: this measures the consensus against each member. Equation (3) has the member first, KL(p_m || mean).",
    "one-term":
      "Only the first half of the KL is there. The second item may be preferred as well: where is (1 - p) ln((1 - p) / (1 - q))?",
    "sum-for-mean":
      "The sum over members was returned. Divide by how many there are, or large committees always seem to disagree.",
    "zero-log":
      "A member that is certain, or a unanimous vote, makes this NaN: 0 times Math.log(0) is not a number. The term is 0 there.",
  },
  parts: [
    {
      name: "vote entropy counts hands",
      points: 1,
      async run(given, t) {
        const probabilities = drawProbabilities(t.key);
        t.mistakes(
          await given.voteEntropy(probabilities),
          { right: active.binaryEntropy(2 / 5), "soft-votes": active.binaryEntropy(average(probabilities)) },
          GUARD,
          `the vote entropy of [${probabilities.map((p) => p.toFixed(2))}]`,
        );
        const unanimous = await given.voteEntropy([0.6, 0.9, 0.7]);
        if (Number.isNaN(unanimous)) t.mistake("zero-log");
        t.mistakes(
          unanimous,
          { right: 0, "soft-votes": active.binaryEntropy(2.2 / 3) },
          GUARD,
          "the vote entropy of [0.6, 0.9, 0.7], all on one side",
        );
      },
    },
    {
      name: "the divergence matches equation (3)",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const probabilities = drawProbabilities(t.key);
        const mean = average(probabilities);
        const right = average(probabilities.map((p) => kl(p, mean)));
        t.mistakes(
          await given.consensusDivergence(probabilities),
          {
            right,
            "reversed-kl": average(probabilities.map((p) => kl(mean, p))),
            "one-term": average(probabilities.map((p) => term(p, mean))),
            "sum-for-mean": right * probabilities.length,
          },
          GUARD,
          `the divergence of [${probabilities.map((p) => p.toFixed(2))}] from its consensus`,
        );
      },
    },
    {
      name: "the divergence survives members that are certain",
      points: 1,
      async run(given, t) {
        const got = await given.consensusDivergence([0, 1, 1, 0]);
        if (Number.isNaN(got)) t.mistake("zero-log");
        t.mistakes(
          got,
          {
            right: Math.LN2,
            "one-term": Math.LN2 / 2,
            "reversed-kl": Number.POSITIVE_INFINITY,
            "sum-for-mean": 4 * Math.LN2,
          },
          GUARD,
          "the divergence of [0, 1, 1, 0]",
        );
      },
    },
  ],
});

interface Belief {
  mean: number[];
  covariance: number[][];
  questions: number[][];
}

/** A belief about three weights, correlated and of different widths, and six questions. */
function drawBelief(key: Key): Belief {
  const [a, b, c] = split(key, 3);
  const root = normal(a, 9);
  const width = [2, 1, 0.5];
  const covariance = width.map((wi, i) =>
    width.map((wj, j) => {
      let sum = i === j ? 0.3 : 0;
      for (let k = 0; k < 3; k++) sum += root[3 * i + k] * root[3 * j + k];
      return wi * wj * sum;
    }),
  );
  const flat = normal(c, 18);
  return {
    mean: Array.from(normal(b, 3)),
    covariance,
    questions: Array.from({ length: 6 }, (_, q) => Array.from(flat.slice(3 * q, 3 * q + 3))),
  };
}

const times = (matrix: readonly number[][], x: readonly number[]) => matrix.map((row) => dot(row, x));
const copyOf = ({ mean, covariance, questions }: Belief): [number[], number[][], number[][]] => [
  [...mean],
  covariance.map((row) => [...row]),
  questions.map((x) => [...x]),
];

/** The place of the largest value, and how far the next one is behind. */
function best(values: readonly number[]): { place: number; lead: number } {
  const sorted = [...values].sort((x, y) => y - x);
  return { place: values.indexOf(sorted[0]), lead: sorted[0] - sorted[1] };
}

export const dOptimalExercise = exercise({
  id: "03/d-optimal",
  title: "The D-optimal question",
  difficulty: 3,
  minutes: 12,
  gives: ["dOptimalGain", "dOptimalPick"],
  watches: {
    "no-noise":
      "The factor v = p (1 - p) is missing. An answer that is nearly certain carries little information, however long x is: v is what the labeler's coin leaves.",
    "no-half":
      "This is twice the gain: the entropy of a Gaussian is half the log-determinant of its covariance. Where is the 1/2?",
    "no-covariance":
      "The covariance was not used, only the length of x. A question about a weight that is known already is worth little: x'Sx, not x'x.",
    "no-log":
      "This is v x'Sx / 2, without the logarithm. It is right for small values only: the gain is log(1 + v x'Sx) / 2.",
    "pick-without-noise":
      "The pick is the question with the largest x'Sx: the factor v was left out of it. A question whose answer is nearly certain teaches little, however long x is.",
    smallest:
      "This looks like the place of the smallest gain. The best question is the one that shrinks the volume most.",
  },
  parts: [
    {
      name: "the gain is what the log-determinant falls by",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const belief = drawBelief(t.key);
        const x = belief.questions[0];
        const spread = dot(x, times(belief.covariance, x));
        const z = dot(x, belief.mean);
        const v = sigmoid(z) * sigmoid(-z);
        const right = active.dOptimalGain(belief, x);
        const [mean, covariance, questions] = copyOf(belief);
        t.mistakes(
          await given.dOptimalGain(mean, covariance, questions[0]),
          {
            right,
            "no-noise": Math.log1p(spread) / 2,
            "no-half": 2 * right,
            "no-covariance": Math.log1p(v * dot(x, x)) / 2,
            "no-log": (v * spread) / 2,
          },
          1e-9,
          "the gain of a random question",
        );
      },
    },
    {
      name: "the pick is the question with the largest gain",
      points: 1,
      async run(given, t) {
        // Six questions of which the best and the worst are clear.
        let belief = drawBelief(t.key);
        const gainsOf = () => belief.questions.map((x) => active.dOptimalGain(belief, x));
        const places = () => {
          const gains = gainsOf();
          const spreads = belief.questions.map((x) => dot(x, times(belief.covariance, x)));
          return [gains, gains.map((gain) => -gain), spreads].map(best);
        };
        const clear = () =>
          new Set(places().map(({ place }) => place)).size === 3 && places().every(({ lead }) => lead > 1e-6);
        for (let k = 0; k < 5000 && !clear(); k++) belief = drawBelief(foldIn(t.key, k));
        const [right, smallest, spread] = places().map(({ place }) => place);
        t.mistakes(
          await given.dOptimalPick(...copyOf(belief)),
          { right, smallest, "pick-without-noise": spread },
          0,
          "the place of the best of six questions (the first has place 0).",
        );
      },
    },
  ],
});

export const regretExercise = exercise({
  id: "03/regret",
  title: "Simple regret",
  difficulty: 1,
  minutes: 5,
  gives: ["simpleRegret"],
  watches: {
    "believes-itself":
      "The chosen item was credited with its estimate. What it is worth is its utility: a model that is too optimistic would have a negative regret.",
    reversed:
      "The roles are swapped: this takes the item that is truly best and asks what the estimates lose by it. Choose by the estimate, count in utility.",
    "wrong-sign": "The sign is turned round: regret is what was lost, best minus chosen, so it is never below 0.",
    "starts-at-0":
      "All utilities and estimates are below 0 here, and the search for the largest seems to have begun at 0. Begin with the first item, or with -Infinity.",
    "sorted-as-text":
      'Here 10 is larger than 9. sort() without a comparator compares texts, and the text "10" comes before "9": sort((a, b) => a - b), or Math.max.',
  },
  parts: [
    {
      name: "counts in utility what was chosen by estimate",
      points: 1,
      async run(given, t) {
        // The item that looks best is not the best one.
        const [a, b] = split(t.key);
        const utility = Array.from(uniform(a, 6, -2, 2));
        const top = utility.indexOf(Math.max(...utility));
        const estimate = Array.from(uniform(b, 6, -2, 2));
        estimate[(top + 1) % 6] = 2.5;
        const right = utility[top] - utility[(top + 1) % 6];
        t.mistakes(
          await given.simpleRegret([...utility], [...estimate]),
          { right, "believes-itself": utility[top] - 2.5, reversed: 2.5 - estimate[top], "wrong-sign": -right },
          1e-12,
          "the regret of choosing among six items",
        );
      },
    },
    {
      name: "is 0 when the best item looks best, however wrong the numbers are",
      points: 1,
      async run(given, t) {
        const lift = 1 + uniform(t.key, 1)[0];
        t.mistakes(
          await given.simpleRegret([0, 3, 1], [-5, lift, 0.2]),
          { right: 0, "believes-itself": 3 - lift },
          1e-12,
          `utility [0, 3, 1], estimate [-5, ${lift.toFixed(2)}, 0.2]`,
        );
      },
    },
    {
      name: "also where all numbers are below 0, or one has two digits",
      points: 1,
      async run(given, t) {
        const digits = await given.simpleRegret([9, 10, 2], [1, 2, 10]);
        if ([7, 0, -1].includes(digits as number)) t.mistake("sorted-as-text");
        t.near(digits, 8, 0, "utility [9, 10, 2], estimate [1, 2, 10]");
        const low = Array.from(uniform(t.key, 3), (u) => -1 - u);
        const below = (await given.simpleRegret([low[0] - 4, low[1], low[2] - 8], [-3, -2, -1])) as number;
        // The largest utility taken as 0, the largest estimate, or both.
        for (const wrong of [8 - low[2], low[1] - low[0] + 4, 4 - low[0]])
          if (Math.abs(below - wrong) < 1e-9) t.mistake("starts-at-0");
        t.near(below, low[1] - low[2] + 8, 1e-9, "the regret among three items that are all worth less than nothing");
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "03/find-the-bug",
  title: "Find the bug: how many questions were needed?",
  difficulty: 2,
  minutes: 5,
  gives: ["questionsNeeded"],
  watches: {
    "first-dip":
      "This is where the loss comes to the level for the first time. One lucky answer does that, and the next takes it back. Begin at the end of the list: how far back does it stay there?",
    "above-once":
      "This is the last place where the loss is still above the level. The one after it is the first that counts.",
    strict: "A loss that equals the level is at the level: <=, not <.",
    "never-infinite":
      "The loss ends above the level, so no number of questions was enough: Infinity. A finite number would make a strategy look better than it is.",
  },
  parts: [
    {
      name: "counts from where the loss stays at or below the level",
      points: 2,
      look: "the sentence above the exercise: and stays there",
      async run(given, t) {
        const u = uniform(t.key, 14);
        const dip = 1 + Math.floor(3 * u[0]); // places 1 to 3
        const back = dip + 1 + Math.floor(3 * u[1]); // the last place above
        const level = 0.1 + u[2] / 10;
        const loss = Array.from(u, (v, n) => (n > back || n === dip ? level * (0.4 + v / 2) : level * (1.1 + v)));
        loss[back + 1] = level;
        t.mistakes(
          await given.questionsNeeded([...loss], level),
          { right: back + 1, "first-dip": dip, "above-once": back, strict: back + 2 },
          0,
          `the number for the losses [${loss.map((x) => x.toFixed(3))}] and a level of ${level.toFixed(3)}`,
        );
        t.mistakes(
          await given.questionsNeeded([0.1, 0.2, 0.1], 0.3),
          { right: 0, "above-once": -1 },
          0,
          "the number for losses that are all below the level",
        );
      },
    },
    {
      name: "is Infinity where the loss ends above the level",
      points: 1,
      async run(given, t) {
        const lift = 1 + uniform(t.key, 1)[0];
        t.mistakes(
          await given.questionsNeeded([2, 1.5, 0.5, lift], 0.9),
          { right: Number.POSITIVE_INFINITY, "first-dip": 2, "above-once": 3, "never-infinite": 4 },
          0,
          `the number for the losses [2, 1.5, 0.5, ${lift.toFixed(2)}] and a level of 0.9`,
        );
      },
    },
  ],
});

/**
 * Greedy picks, with a covariance that is multiplied out by `update` after each; -1 shrinks it as equation (5) does.
 */
function greedy(
  belief: Belief,
  size: number,
  update: -1 | 0 | 1,
  weight: (v: number) => number = (v) => v,
): { picked: number[]; lead: number } {
  let covariance = belief.covariance;
  const picked: number[] = [];
  let lead = Number.POSITIVE_INFINITY;
  while (picked.length < size) {
    const gains = belief.questions.map((x, q) =>
      picked.includes(q) ? -1 : active.dOptimalGain({ mean: belief.mean, covariance }, x),
    );
    const top = best(gains);
    lead = Math.min(lead, top.lead);
    picked.push(top.place);
    const x = belief.questions[top.place];
    const along = times(covariance, x);
    const z = dot(x, belief.mean);
    const v = sigmoid(z) * sigmoid(-z);
    const w = weight(v);
    const scale = (update * w) / (1 + w * dot(x, along));
    covariance = covariance.map((row, i) => row.map((value, j) => value + scale * along[i] * along[j]));
  }
  return { picked, lead };
}

const MISTAKES = ["no-update", "grows", "quarter"] as const;
type Way = "right" | (typeof MISTAKES)[number];

/** The batches of three that equation (5) and the named mistakes pick. */
function ways(belief: Belief): Record<Way, { picked: number[]; lead: number }> {
  return {
    right: greedy(belief, 3, -1),
    "no-update": greedy(belief, 3, 0),
    grows: greedy(belief, 3, 1),
    quarter: greedy(belief, 3, -1, () => 0.25),
  };
}

/** A belief in which one mistake picks a batch that no other way picks, with no step close. */
function drawTelling(key: Key, mistake: Way): Belief {
  for (let k = 0; ; k++) {
    const belief = drawBelief(foldIn(key, k));
    const all = ways(belief);
    const wrong = all[mistake];
    const lists = Object.values(all).filter((way) => way !== wrong);
    const clear = [wrong, ...lists].every(({ lead }) => lead > 1e-6);
    if (k > 5000 || (clear && lists.every(({ picked }) => picked.join() !== wrong.picked.join()))) return belief;
  }
}

export const batchExercise = exercise({
  id: "03/batch",
  title: "A batch that does not repeat itself",
  difficulty: 4,
  minutes: 15,
  gives: ["pickBatch"],
  watches: {
    "no-update":
      "These are the questions with the best single scores. After a pick the covariance has to shrink, equation (5), or the next pick asks the same thing again.",
    repeats:
      "A question was picked twice. The batch is to hold different questions, even where asking one again would teach more.",
    quarter:
      "The covariance was shrunk as if every answer were a toss-up, with 1/4 for v. Where the answer is nearly certain, v = p (1 - p) is smaller, and it shrinks less.",
    grows:
      "The covariance grows with every pick. An answer takes uncertainty away: S minus v (Sx)(Sx)' / (1 + v x'Sx).",
  },
  parts: [
    {
      name: "picks different questions",
      points: 1,
      async run(given, t) {
        // One weight is so unknown that asking about it again is best, though the exercise rules it out.
        const slant = 0.2 + 0.1 * uniform(t.key, 1)[0];
        const belief = {
          mean: [0, 0, 0],
          covariance: [
            [100, 0, 0],
            [0, 1, 0],
            [0, 0, slant],
          ],
          questions: [
            [0, 1, 0],
            [1, 0, 0],
            [0, 0, 1],
          ],
        };
        const got = await given.pickBatch(...copyOf(belief), 2);
        if (Array.isArray(got) && new Set(got).size < got.length) t.mistake("repeats");
        t.near(got, [1, 0], 0, "a batch of two among three questions");
      },
    },
    {
      name: "shrinks what is unknown after each pick",
      points: 3,
      look: "equation (5)",
      async run(given, t) {
        // For each mistake a belief in which it alone picks its batch, and no step is close; together
        // they tell all of them apart.
        const beliefs = MISTAKES.map((mistake, i) => drawTelling(foldIn(t.key, i), mistake));
        const got: unknown[] = [];
        for (const belief of beliefs) got.push(await given.pickBatch(...copyOf(belief), 3));
        if (got.some((batch) => Array.isArray(batch) && new Set(batch).size < batch.length)) t.mistake("repeats");
        const picks = (way: Way) => beliefs.map((belief) => ways(belief)[way].picked);
        t.mistakes(
          got,
          { right: picks("right"), "no-update": picks("no-update"), grows: picks("grows"), quarter: picks("quarter") },
          0,
          "batches of three among six questions, as places in the order picked",
        );
      },
    },
  ],
});

interface Interview {
  belief: number[];
  limit: number;
  luck: number[];
  slip: number;
}

const normalised = (weights: readonly number[]) => {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
};

/** What an interview leaves of the belief, as exercise 7 has it and as its likely mistakes do. */
function interviewed({ belief, limit, luck, slip }: Interview) {
  const said = (q: number, u: number) => limit < q !== u < slip;
  const probability = (q: number, v: number, yes: boolean) => (v < q === yes ? 1 - slip : slip);
  /** The question whose share below it is nearest to 1/2, or farthest from it. */
  const pick = (now: readonly number[], sign: 1 | -1) => {
    let below = 0;
    const far = now.slice(0, -1).map((p) => {
      below += p;
      return sign * Math.abs(below - 0.5);
    });
    return 1 + far.indexOf(Math.min(...far));
  };
  const run = (
    ask: (now: readonly number[]) => number,
    update: (now: readonly number[], q: number, yes: boolean) => number[],
  ) => {
    let now = [...belief];
    for (const u of luck) {
      const q = ask(now);
      now = update(now, q, said(q, u));
    }
    return now;
  };
  const median = (now: readonly number[]) => pick(now, 1);
  const bayes = (now: readonly number[], q: number, yes: boolean) =>
    normalised(now.map((p, v) => p * probability(q, v, yes)));
  const first = median(belief);
  return {
    right: run(median, bayes),
    "same-question": run(() => first, bayes),
    middle: run(() => Math.floor(belief.length / 2), bayes),
    "least-gain": run((now) => pick(now, -1), bayes),
    "no-slip": run(median, (now, q, yes) => normalised(now.map((p, v) => (v < q === yes ? p : 0)))),
    "from-the-start": run(median, (_, q, yes) => bayes(belief, q, yes)),
    "not-normalised": run(median, (now, q, yes) => now.map((p, v) => p * probability(q, v, yes))),
    "likelihood-reversed": run(median, (now, q, yes) => bayes(now, q, !yes)),
  };
}

function drawInterview(key: Key, places: number, questions: number): Interview {
  const [shape, who, answers, slips] = split(key, 4);
  return {
    belief: normalised(Array.from(uniform(shape, places, 0.5, 1.5))),
    limit: Math.floor(uniform(who, 1)[0] * places),
    luck: Array.from(uniform(answers, questions)),
    slip: 0.1 + 0.1 * uniform(slips, 1)[0],
  };
}

/** A short interview of which every mistake makes something else. */
function drawTellingInterview(key: Key): Interview {
  for (let k = 0; ; k++) {
    const interview = drawInterview(foldIn(key, k), 9, 6);
    const all = Object.values(interviewed(interview));
    const differ = all.every((one, i) =>
      all.slice(0, i).every((other) => one.some((p, v) => !(Math.abs(p - other[v]) < 1e-6))),
    );
    if (k > 500 || differ) return interview;
  }
}

export const questionLoopExercise = exercise({
  id: "03/question-loop",
  title: "The loop: ask, hear, update",
  difficulty: 4,
  minutes: 20,
  gives: ["findLimit"],
  watches: {
    "same-question":
      "The best question was looked for once and then asked for ever. After each answer the belief is another one, and so is the best question.",
    middle:
      "The middle of the places was asked every time. The middle of the belief is meant: half of the probability on each side.",
    "least-gain":
      "This asks the question with the smallest gain. The gain is largest where P(limit < q) is nearest to 1/2.",
    "no-slip":
      "Limits that do not agree with an answer were ruled out for good. People slip: multiply by slip there, not by 0.",
    "from-the-start":
      "Each update began at the belief from before the first answer, so that only the last answer counts. Begin at the belief that the last answer left.",
    "not-normalised": "The probabilities no longer add up to 1: divide by their sum after each answer.",
    "likelihood-reversed":
      "This believes the opposite of what was said. Either the two probabilities are the wrong way round (a limit that agrees with the answer gets 1 - slip, the others slip), or the answer was turned round where u is not below slip.",
  },
  parts: [
    {
      name: "asks, hears and updates as told, six times",
      points: 3,
      look: "equation (6), and the hints",
      async run(given, t) {
        const { belief, limit, luck, slip } = drawTellingInterview(t.key);
        t.mistakes(
          await given.findLimit([...belief], limit, [...luck], slip),
          interviewed({ belief, limit, luck, slip }),
          1e-6,
          `the belief about nine limits after six answers, slips of ${slip.toFixed(2)}`,
        );
      },
    },
    {
      name: "finds the limits of eight people among 32, in forty questions",
      points: 1,
      async run(given, t) {
        const sure: number[] = [];
        for (const k of split(t.key, 8)) {
          const { belief, limit, luck, slip } = drawInterview(k, 32, 40);
          const left = await given.findLimit([...belief], limit, [...luck], slip);
          if (!(Array.isArray(left) && left.length === belief.length && left.every(Number.isFinite))) {
            t.fail(`Expected ${belief.length} probabilities, one for each place of the limit.`);
          }
          sure.push(left[limit]);
        }
        if (!(average(sure) > 0.6)) {
          t.fail(
            `After forty questions the true limits have a probability of ${average(sure).toFixed(2)} on average; with the best questions it is above 0.6, often near 1.`,
          );
        }
      },
    },
  ],
});
