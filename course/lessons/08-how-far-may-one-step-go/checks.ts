import {
  approxKlEstimates,
  clippedObjectiveOf,
  clippedValueLossAndGradient,
  clipRange,
  generalizedAdvantages,
  klEstimates,
  minibatches,
  ppoIterations,
  ppoLossAndGradient,
  ratioDiagnostics,
  shouldStop,
  whiten,
} from "rlhf-lab/policy";
import { foldIn, type Key, normal, split, uniform } from "rlhf-lab/random";
import {
  drawSequences,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceTree,
  type TreePolicy,
  tokenLogitGradient,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { exercise } from "../../src/grade/exercise.js";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** Where a divisor may carry a guard such as 1e-8, as training code has it. */
const GUARDED = 1e-6;
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const list = (values: readonly number[]) => `[${values.map((x) => x.toFixed(2)).join(", ")}]`;

/** Six tokens, two out of range on each side, with advantages of both signs on either side. */
function drawTokens(key: Key): { logpNew: number[]; logpOld: number[]; advantages: number[] } {
  const [a, b, c] = split(key, 3);
  const logpOld = Array.from(uniform(a, 6, -3, -1));
  const shift = uniform(b, 6, 0.3, 0.8);
  const logpNew = logpOld.map((x, i) => x + [1, 1, -1, -1, 0.1, -0.1][i] * shift[i]);
  const size = uniform(c, 6, 0.5, 2.5);
  return { logpNew, logpOld, advantages: Array.from(size, (x, i) => (i % 2 === 0 ? x : -x)) };
}

/** The mean over tokens of f(ratio, advantage, clipped ratio). */
function objectivesOf({ logpNew, logpOld, advantages }: ReturnType<typeof drawTokens>, clip: number) {
  return (f: (ratio: number, A: number, cut: number) => number) =>
    average(
      advantages.map((A, i) => {
        const ratio = Math.exp(logpNew[i] - logpOld[i]);
        return f(ratio, A, clamp(ratio, 1 - clip, 1 + clip));
      }),
    );
}

/** Two draws, one in which `sign` is above 0 and one in which it is below. */
function drawBothWays<T>(key: Key, draw: (key: Key) => T, sign: (data: T) => number): [T, T] {
  const first = (wanted: (x: number) => boolean): T => {
    for (let k = 0; ; k++) {
      const data = draw(foldIn(key, k));
      if (wanted(sign(data))) return data;
    }
  };
  return [first((x) => x > 0), first((x) => x < 0)];
}

export const clippedObjectiveExercise = exercise({
  id: "08/clipped-objective",
  title: "The clipped objective",
  difficulty: 2,
  minutes: 12,
  gives: ["clippedObjective"],
  watches: {
    "max-for-min":
      "This is the larger of the two terms. PPO takes the smaller one: a gain beyond the clip is not counted, a loss always is.",
    "always-clipped":
      "This is the clipped term alone. Without the min, a token that has moved the wrong way has no gradient that brings it back.",
    unclipped: "This is the plain mean of ratio times advantage: nothing was clipped.",
    "min-of-means":
      "This looks like the smaller of two means. The smaller term is taken for each token, and the mean comes after.",
    "clips-advantage": "The advantage was clipped. It is the ratio that may not count beyond 1 - clip and 1 + clip.",
    "clips-product": "The product was clipped. Clip the ratio first, then multiply by the advantage.",
    "no-ratio":
      "A difference of log-probabilities was used as if it were a ratio. Its exponential is the ratio: exp(logpNew - logpOld).",
    "wrong-sign":
      "This is the loss. The objective is what gets larger when things get better: leave the minus sign to the loss.",
    overflow:
      "This became NaN where both log-probabilities are far below zero, as those of a whole text are: exp(-900) / exp(-900) is 0 / 0. " +
      "Subtract first, exponentiate the difference.",
    "zero-times-infinity":
      "This became NaN for an advantage of 0 and a ratio that overflows: 0 times Infinity is not a number. " +
      "Cut the logarithm of the ratio before you exponentiate it.",
  },
  parts: [
    {
      name: "matches equation (2) for both signs of the advantage",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const clip = 0.2;
        // In one case the plain mean is the smaller, in the other the clipped one: a min of the two
        // means is neither throughout.
        const cases = drawBothWays(t.key, drawTokens, (tokens) => {
          const each = objectivesOf(tokens, clip);
          return each((r, A) => r * A) - each((_, A, cut) => cut * A);
        });
        const got = [];
        for (const { logpNew, logpOld, advantages } of cases) {
          got.push(await given.clippedObjective([...logpNew], [...logpOld], [...advantages], clip));
        }
        const of = (f: Parameters<ReturnType<typeof objectivesOf>>[0]) =>
          cases.map((tokens) => objectivesOf(tokens, clip)(f));
        const [plain, cutOnly] = [of((r, A) => r * A), of((_, A, cut) => cut * A)];
        const right = cases.map(
          ({ logpNew, logpOld, advantages }) =>
            -ppoLossAndGradient(logpNew, logpOld, advantages, [1, 1, 1, 1, 1, 1], { clip }).loss,
        );
        t.mistakes(
          got,
          {
            right,
            "max-for-min": of((r, A, cut) => Math.max(r * A, cut * A)),
            "always-clipped": cutOnly,
            unclipped: plain,
            "min-of-means": plain.map((x, i) => Math.min(x, cutOnly[i])),
            "clips-advantage": of((r, A) => Math.min(r * A, r * clamp(A, 1 - clip, 1 + clip))),
            "clips-product": of((r, A) => Math.min(r * A, clamp(r * A, 1 - clip, 1 + clip))),
            "no-ratio": of((r, A) => Math.min(Math.log(r) * A, clamp(Math.log(r), 1 - clip, 1 + clip) * A)),
            "wrong-sign": right.map((x) => -x),
          },
          1e-6,
          "the objectives of six tokens, in two cases",
        );
      },
    },
    {
      name: "stays a number for the log-probabilities of long texts",
      points: 2,
      look: "section 2",
      async run(given, t) {
        const [old, shift] = [-900 - 50 * uniform(t.key, 1)[0], 0.1];
        const long = await given.clippedObjective([old + shift], [old], [2], 0.2);
        if (Number.isNaN(long)) t.mistake("overflow");
        t.near(
          long,
          2 * Math.exp(shift),
          1e-6,
          `the objective of one text with logpOld ${old.toFixed(1)}, ratio exp(0.1)`,
        );
        const huge = await given.clippedObjective([-1], [old], [0], 0.2);
        if (Number.isNaN(huge)) t.mistake("zero-times-infinity");
        t.near(huge, 0, 1e-6, "the objective of a text that has become exp(900) times as likely, advantage 0");
        t.near(
          await given.clippedObjective([-1], [old], [3], 0.2),
          clippedObjectiveOf(-1 - old, 3, clipRange({ clip: 0.2 })).objective,
          1e-6,
          "the objective of a text that has become exp(900) times as likely, advantage 3",
        );
      },
    },
  ],
});

/** One padded row: a prompt, four tokens, padding; the critic says something everywhere. */
function drawRow(key: Key) {
  const [a, b, c] = split(key, 3);
  const mask = [0, 0, 1, 1, 1, 1, 0, 0];
  const noise = normal(a, mask.length);
  return {
    mask,
    rewards: mask.map((m, t) => m * noise[t]),
    values: Array.from(normal(b, mask.length), (x) => x + 2),
    discount: 0.8 + 0.15 * uniform(c, 1)[0],
    lambda: 0.6 + 0.2 * uniform(foldIn(c, 1), 1)[0],
  };
}

type Row = ReturnType<typeof drawRow>;

/** GAE over all places, with the parts that mistakes change. */
function backwards(row: Row, change: { mask?: boolean; inDelta?: number; inTrace?: number } = {}): number[] {
  const { mask, rewards, values, discount, lambda } = row;
  const { mask: masked = true, inDelta = discount, inTrace = discount * lambda } = change;
  const T = mask.length;
  const out = new Array<number>(T).fill(0);
  let [next, trace] = [0, 0];
  for (let t = T - 1; t >= 0; t--) {
    if (masked && mask[t] === 0) continue;
    trace = rewards[t] + inDelta * next - values[t] + inTrace * trace;
    next = values[t];
    out[t] = mask[t] === 1 ? trace : 0;
  }
  return out;
}

function forwards({ mask, rewards, values, discount, lambda }: Row): number[] {
  let trace = 0;
  return mask.map((m, t) => {
    if (m === 0) return 0;
    trace = rewards[t] + discount * (mask[t + 1] ?? 0) * (values[t + 1] ?? 0) - values[t] + discount * lambda * trace;
    return trace;
  });
}

export const gaeExercise = exercise({
  id: "08/gae",
  title: "Advantages, from back to front",
  difficulty: 3,
  minutes: 12,
  gives: ["advantages"],
  watches: {
    "forgets-mask":
      "What the critic says on padding got into the reply: after the last token there is nothing to come, so its next value is 0, whatever stands in values[t + 1].",
    "lambda-in-delta":
      "The lambda is on the wrong term: it fades the sum of later errors, not the value of the next state inside one error.",
    "no-discount":
      "Later errors fade by lambda alone here. They fade by discount times lambda: the trace is discounted as well.",
    "no-lambda": "The lambda is missing: this is the discounted return minus the value, lambda = 1.",
    "one-step":
      "Each token has only its own error, lambda = 0. Add the discounted, faded errors of the tokens after it.",
    forwards:
      "The errors were summed from front to back. A token is credited with what comes after it, not with what came before.",
  },
  parts: [
    {
      name: "matches equation (4) on a padded row",
      points: 3,
      look: "equation (4)",
      async run(given, t) {
        const row = drawRow(t.key);
        const { mask, rewards, values, discount, lambda } = row;
        const own = mask.flatMap((m, i) => (m === 1 ? [i] : []));
        const exact = generalizedAdvantages(
          own.map((i) => rewards[i]),
          [...own.map((i) => values[i]), 0],
          { discount, lambda },
        );
        const right = mask.map((_, i) => (own.includes(i) ? exact[own.indexOf(i)] : 0));
        t.mistakes(
          await given.advantages([...rewards], [...values], [...mask], discount, lambda),
          {
            right,
            "forgets-mask": backwards(row, { mask: false }),
            "lambda-in-delta": backwards(row, { inDelta: discount * lambda, inTrace: discount }),
            "no-discount": backwards(row, { inTrace: lambda }),
            "no-lambda": backwards(row, { inTrace: discount }),
            "one-step": backwards(row, { inTrace: 0 }),
            forwards: forwards(row),
          },
          1e-9,
          `the advantages of a row with mask [${mask}]`,
        );
      },
    },
    {
      name: "a perfect critic that is never surprised gives no advantage",
      points: 1,
      async run(given, t) {
        const worth = 1 + uniform(t.key, 1)[0];
        t.near(
          await given.advantages([0, 0, 0, worth, 0], [9, worth, worth, worth, 9], [0, 1, 1, 1, 0], 1, 0.9),
          [0, 0, 0, 0, 0],
          1e-9,
          "the advantages where every value is what comes of it in the end",
        );
      },
    },
  ],
});

export const k3Exercise = exercise({
  id: "08/k3",
  title: "The third estimator",
  difficulty: 2,
  minutes: 8,
  gives: ["k3"],
  watches: {
    swapped:
      "The roles are swapped. The samples are the new policy's, so the ratio inside is ref / new: exp(logpRef - logpNew). " +
      "With new / ref the mean is another number (for the example of this section 0.0777 instead of 0.0823).",
    k1: "This is k1, the log-ratio alone. k3 adds ref / new - 1 to it.",
    k2: "This is k2, half the squared log-ratio.",
    "no-minus-one": "The - 1 is missing: at equal policies an estimate of their distance should be 0.",
    "wrong-sign":
      "The sign of the logarithm is turned round: k3 = (ref / new - 1) + log(new / ref), which is never negative.",
  },
  parts: [
    {
      name: "matches equation (6), token by token",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const logpNew = Array.from(uniform(a, 5, -3, -0.5));
        const logpRef = Array.from(normal(b, 5), (x, i) => logpNew[i] + (x > 0 ? 0.2 + x : x - 0.2));
        const ratio = logpNew.map((x, i) => Math.exp(logpRef[i] - x));
        const { k1, k2, k3 } = klEstimates(logpNew, logpRef);
        t.mistakes(
          await given.k3([...logpNew], [...logpRef]),
          {
            right: Array.from(k3),
            swapped: Array.from(klEstimates(logpRef, logpNew).k3),
            k1: Array.from(k1),
            k2: Array.from(k2),
            "no-minus-one": ratio.map((r, i) => r + k1[i]),
            "wrong-sign": ratio.map((r, i) => r - 1 - k1[i]),
          },
          1e-9,
          `k3 of five tokens, log(new / ref) = ${list(Array.from(k1))}`,
        );
      },
    },
    {
      name: "averages to the KL of a coin",
      points: 1,
      async run(given, t) {
        const p = 0.6 + 0.3 * uniform(t.key, 1)[0];
        const [now, ref] = [
          [p, 1 - p],
          [0.5, 0.5],
        ].map((x) => x.map(Math.log));
        const got = (await given.k3([...now], [...ref])) as number[];
        t.expect(Array.isArray(got), "k3 should return one number per token.").to.equal(true);
        const mean = (x: ArrayLike<number>) => p * x[0] + (1 - p) * x[1];
        const { k1 } = klEstimates(now, ref);
        t.mistakes(
          mean(got),
          { right: mean(k1), swapped: mean(klEstimates(ref, now).k3) },
          1e-9,
          `the mean of k3 for a coin of (${p.toFixed(2)}, ${(1 - p).toFixed(2)}) against a fair one`,
        );
      },
    },
  ],
});

/** Tokens of the early stop's cases that count, of eight. */
const COUNTED = 6;

/**
 * Log-probabilities before each of up to forty updates (the first: none made yet), moving away unevenly. Some tokens
 * become much likelier, others much less so: only then do k3, its swapped roles and k2 part.
 */
function drawUpdates(key: Key) {
  const [a, b, c] = split(key, 3);
  const mask = [1, 1, 1, 1, 1, 1, 0, 0];
  const logpOld = Array.from(uniform(a, mask.length, -4, -2));
  const speed = normal(b, mask.length);
  const [drift, pace] = [normal(c, 1)[0], 0.01 + 0.02 * uniform(foldIn(c, 1), 1)[0]];
  const logpBefore = Array.from({ length: 40 }, (_, u) =>
    logpOld.map((x, t) => x + pace * u * (mask[t] === 1 ? speed[t] + drift : 1.5 * speed[t])),
  );
  return { mask, logpOld, logpBefore, target: 0.02 + 0.06 * uniform(foldIn(c, 2), 1)[0] };
}

type Updates = ReturnType<typeof drawUpdates>;

const halfSquare = (d: number) => (d * d) / 2;

/** How many updates are made: what is right, and with each mistake. */
function stops({ logpOld, logpBefore, mask, target }: Updates) {
  const ones = mask.map(() => 1);
  const by = (estimate: (logpNew: number[]) => number, slack = 1.5) => {
    const far = logpBefore.findIndex((logpNew) => shouldStop(estimate(logpNew), { target, slack }));
    return far < 0 ? logpBefore.length : far;
  };
  const k3Of = (which: number[]) => (x: number[]) => approxKlEstimates(x, logpOld, which).k3;
  const right = by(k3Of(mask));
  return {
    right,
    swapped: by((x) => approxKlEstimates(logpOld, x, mask).k3),
    k2: by((x) => average(x.flatMap((logp, t) => (mask[t] === 1 ? [halfSquare(logp - logpOld[t])] : [])))),
    "uses-k1": by((x) => approxKlEstimates(x, logpOld, mask).k1),
    "forgets-mask": by(k3Of(ones)),
    "inverts-mask": by(k3Of(mask.map((m) => 1 - m))),
    sum: by((x) => COUNTED * approxKlEstimates(x, logpOld, mask).k3),
    "no-slack": by(k3Of(mask), 1),
    "off-by-one": right + 1,
  };
}

/** A case in which every mistake stops elsewhere, so that one number tells which was made. */
function drawTellingUpdates(key: Key): Updates {
  for (let k = 0; ; k++) {
    const data = drawUpdates(foldIn(key, k));
    const all = Object.values(stops(data));
    if (new Set(all).size === all.length && stops(data).right < data.logpBefore.length) return data;
  }
}

export const earlyStopExercise = exercise({
  id: "08/early-stop",
  title: "Enough of this batch",
  difficulty: 2,
  minutes: 10,
  gives: ["updatesMade"],
  watches: {
    swapped:
      "This looks like k3 with its roles exchanged. The tokens are the old policy's, so the ratio inside is new / old: ratio - 1 - log ratio, " +
      "with ratio = exp(logpNew - logpOld). Copied from exercise 3, logpOld stands where logpNew stood.",
    k2: "This looks like k2, half the squared log-ratio. It is close to k3 for small steps, and not the KL for large ones.",
    "uses-k1":
      "This looks like k1, which may be negative by luck while the policy is far away. Use k3: ratio - 1 - log ratio.",
    "forgets-mask": "This looks as if padding were counted. The mean is over the tokens whose mask is 1.",
    "inverts-mask":
      "This looks like a mean over the tokens whose mask is 0, which are padding. Those whose mask is 1 count.",
    sum: "This looks like the sum over tokens, compared with a target per token. Divide by the number of tokens that count.",
    "no-slack": "This looks like a stop at the target itself. The rule (7) leaves some slack: 1.5 times the target.",
    "off-by-one":
      "One update too many. The KL is measured before an update, and where it is too large that update is not made: the last one " +
      "made is the one before.",
  },
  parts: [
    {
      name: "makes no update once the step has gone too far",
      points: 3,
      look: "rule (7)",
      async run(given, t) {
        const data = drawTellingUpdates(t.key);
        const { logpOld, logpBefore, mask, target } = data;
        const copies = logpBefore.map((row) => [...row]);
        t.mistakes(
          await given.updatesMade([...logpOld], copies, [...mask], target),
          stops(data),
          0,
          "the number of updates that are made, of forty",
        );
      },
    },
    {
      name: "makes them all when none goes too far",
      points: 1,
      async run(given, t) {
        const { logpOld, logpBefore, mask } = drawUpdates(t.key);
        t.near(
          await given.updatesMade(logpOld, logpBefore, mask, 1e6),
          40,
          0,
          "updates made with a target of a million nats",
        );
      },
    },
  ],
});

/** What the loop is told beside policy and reward. */
interface LoopPlan {
  iterations: number;
  batch: number;
  epochs: number;
  minibatchSize: number;
  rate: number;
  clip: number;
  target: number;
}

/** The loop of 08/loop with mistakes in it. (What is right comes from `ppoIterations`.) */
function wrongLoop(
  key: Key,
  start: TreePolicy,
  reward: Float64Array,
  { iterations, batch: n, epochs, minibatchSize, rate, clip, target }: LoopPlan,
  wrong: Record<string, boolean>,
): Float64Array {
  let policy = start;
  const { low, high } = clipRange({ clip });
  for (const k of split(key, iterations)) {
    const [drawKey, orderKey] = split(k);
    const batch = drawSequences(drawKey, wrong["stale-draws"] ? start : policy, n);
    const earned = Array.from(batch.sequences, (y) => reward[y]);
    const centre = wrong["not-centred"] ? 0 : average(earned);
    const order = Array.from({ length: epochs }, (_, e) => minibatches(foldIn(orderKey, e), n, minibatchSize));
    let enough = false;
    for (const which of order.flatMap((epoch) => epoch.map((rows, i) => ({ rows, first: i === 0 })))) {
      const part = Array.from(which.rows);
      const places = part.map((b) => batch.tokenIndices[b]);
      const logpOld = part.map((b) => batch.logpOld[b]);
      const seen = wrong["minibatch-kl"] ? { ...batch, tokenIndices: places, logpOld } : batch;
      const asked = !wrong["never-stops"] && (which.first || !wrong["once-an-epoch"]);
      const slack = wrong["no-slack"] ? 1 : 1.5;
      if (asked && shouldStop(ratioDiagnostics(policy, seen).k3, { target, slack })) {
        enough = true;
        break;
      }
      const count = wrong.sum ? 1 : places.reduce((sum, list) => sum + list.length, 0);
      const slopes = treeTokenLogProbs(nextTokenLogProbs(policy), places).map((list, i) =>
        list.map((logp, t) => {
          const d = logp - logpOld[i][t];
          const A = earned[part[i]] - centre;
          const cut = A >= 0 ? d > high : d < low;
          const gone = wrong["cuts-losses"] ? d > high || d < low : cut && !wrong.unclipped;
          return gone ? 0 : (-A * (wrong["no-ratio"] ? 1 : Math.exp(d))) / count;
        }),
      );
      const slope = tokenLogitGradient(policy, places, slopes);
      const step = wrong["wrong-sign"] ? -rate : rate;
      policy = { ...policy, logits: policy.logits.map((z, i) => z - step * slope[i]) };
    }
    if (enough && wrong["stops-for-good"]) break;
  }
  return policy.logits;
}

/** The same key, policy and rewards for all of them, and data in which each ends elsewhere. */
function drawLoop(key: Key, plan: LoopPlan, mistakes: readonly string[]) {
  const tree = sequenceTree(3, 3);
  for (let k = 0; ; k++) {
    const [a, b, runKey] = split(foldIn(key, k), 3);
    const start: TreePolicy = { tree, contexts: lastTokenContexts(tree), logits: normal(a, 12) };
    const reward = normal(b, tree.sequences.length).map((x) => 1 + 2 * x);
    const { target, ...rest } = plan;
    const points = ppoIterations(runKey, start, { ...rest, reward, stop: { target } });
    const wrong = mistakes.map((id) => [id, wrongLoop(runKey, start, reward, plan, { [id]: true })] as const);
    const ends = [points[points.length - 1].policy.logits, ...wrong.map(([, logits]) => logits)];
    const apart = (x: Float64Array, y: Float64Array) => Math.max(...x.map((z, i) => Math.abs(z - y[i])));
    if (ends.every((x, i) => ends.slice(0, i).every((y) => apart(x, y) > 1e-3))) {
      return { start, reward, runKey, ends: { right: ends[0], ...Object.fromEntries(wrong) } };
    }
  }
}

async function runLoop(
  given: { ppo: (...args: unknown[]) => Promise<unknown> },
  plan: LoopPlan,
  { start, reward, runKey }: ReturnType<typeof drawLoop>,
) {
  return given.ppo([...runKey], { ...start, logits: start.logits.slice() }, reward.slice(), plan);
}

export const loopExercise = exercise({
  id: "08/loop",
  title: "The whole loop",
  difficulty: 4,
  minutes: 20,
  gives: ["ppo"],
  watches: {
    unclipped: "Nothing is clipped: a token whose gain has gone beyond the clip still pushes. Its slope is 0 there.",
    "cuts-losses":
      "Every token out of range lost its slope, also those that have gone the wrong way. With A above 0 only ratios above 1 + clip are cut, below 0 only those below 1 - clip.",
    "no-ratio":
      "The slope of a token that is not cut is A times its ratio, for the slope of the ratio in logpNew is the ratio itself. Here the ratio is missing: a plain policy gradient on old replies.",
    "not-centred":
      "The advantage is the reward less the mean of the batch. Here every reply is credited with its whole reward.",
    "wrong-sign":
      "The logits went the wrong way: what earned more became rarer. The slopes are those of a loss, which goes down.",
    sum: "The tokens' slopes were added up. The loss is the mean over the tokens of the minibatch: divide by how many they are.",
    "never-stops":
      "No batch was left early. Before each update ask whether the mean of k3 is above 1.5 times the target.",
    "once-an-epoch": "The KL was asked for at the beginning of each epoch only. Ask before each update.",
    "minibatch-kl": "The KL was measured on the minibatch alone. It is the mean over all tokens of the batch.",
    "no-slack": "The batch was left at the target itself. Rule (7) leaves some slack: 1.5 times the target.",
    "stops-for-good":
      "The early stop ended everything. It ends the work on this batch; the next batch is drawn as ever.",
    "stale-draws":
      "Every batch was written by the policy at the start. Each is drawn from the policy as it is by then, and so are its logpOld.",
  },
  parts: [
    {
      name: "goes through one batch in epochs, and clips",
      points: 3,
      look: "equation (2), and steps 1 to 3",
      async run(given, t) {
        const plan = { iterations: 1, batch: 12, epochs: 4, minibatchSize: 4, rate: 2, clip: 0.2, target: 1e6 };
        const data = drawLoop(t.key, plan, [
          "unclipped",
          "cuts-losses",
          "no-ratio",
          "not-centred",
          "wrong-sign",
          "sum",
        ]);
        t.mistakes(await runLoop(given, plan, data), data.ends, 1e-6, "the logits after four epochs on twelve replies");
      },
    },
    {
      name: "leaves a batch that has taken it far enough, and draws the next",
      points: 3,
      look: "rule (7), and what is drawn anew for each batch",
      async run(given, t) {
        const plan = { iterations: 3, batch: 12, epochs: 4, minibatchSize: 4, rate: 1, clip: 0.2, target: 0.01 };
        const data = drawLoop(t.key, plan, [
          "never-stops",
          "once-an-epoch",
          "minibatch-kl",
          "no-slack",
          "stops-for-good",
          "stale-draws",
          "unclipped",
          "not-centred",
        ]);
        t.mistakes(await runLoop(given, plan, data), data.ends, 1e-6, "the logits after three batches, target 0.01");
      },
    },
  ],
});

export const adaptiveExercise = exercise({
  id: "08/adaptive-kl",
  title: "A thermostat for the KL",
  difficulty: 1,
  minutes: 6,
  gives: ["nextBeta"],
  watches: {
    "wrong-direction": "The coefficient moves the wrong way. A KL above its target asks for a larger penalty.",
    "no-clip":
      "The error was not clipped. One noisy estimate, ten times the target, would then nearly double the coefficient; equation (8) allows 2 % a step.",
    absolute: "The error should be relative to the target, (measured - target) / target, so that it has no unit.",
    additive:
      "The change was added. It is a factor, 1 + 0.1 error, so that the coefficient stays positive whatever its size.",
  },
  parts: [
    {
      name: "matches equation (8) near the target",
      points: 1,
      look: "equation (8)",
      async run(given, t) {
        const [a, b] = uniform(t.key, 2);
        const [beta, target, error] = [0.05 + 0.1 * a, 3 + 3 * b, 0.05 + 0.1 * b];
        for (const e of [error, -error]) {
          t.mistakes(
            await given.nextBeta(beta, target * (1 + e), target),
            {
              right: beta * (1 + 0.1 * e),
              "wrong-direction": beta * (1 - 0.1 * e),
              absolute: beta * (1 + 0.1 * clamp(target * e, -0.2, 0.2)),
              additive: beta + 0.1 * e,
            },
            1e-9,
            `beta after a KL ${e > 0 ? "above" : "below"} the target`,
          );
        }
      },
    },
    {
      name: "moves by 2 % at most",
      points: 1,
      async run(given, t) {
        const beta = 0.1 + uniform(t.key, 1)[0];
        for (const [measured, sign] of [
          [60, 1],
          [-20, -1],
        ]) {
          t.mistakes(
            await given.nextBeta(beta, measured, 6),
            {
              right: beta * (1 + 0.02 * sign),
              "wrong-direction": beta * (1 - 0.02 * sign),
              "no-clip": beta * (1 + 0.1 * (measured / 6 - 1)),
              additive: beta + 0.02 * sign,
            },
            1e-9,
            `beta after a measured KL of ${measured}, target 6`,
          );
        }
      },
    },
  ],
});

/** Ten values that moved beyond the clip (but for two): towards their return, away from it, past it. */
function drawValues(key: Key) {
  const [a, b] = split(key);
  // Old values away from 1, where a share and a distance are the same, and small enough that a share
  // holds the steps back as well.
  const oldValues = Array.from(uniform(a, 10, 1.1, 1.4));
  const size = uniform(b, 10, 0.3, 0.9);
  const moved = [1, -1, 1, -1, 1, -1, 1, -1, 1 / 9, -1 / 9];
  const away = [2, 2, -2, -2, 0.1, -0.1, 0.6, -0.6, 0.5, 0.1];
  const values = oldValues.map((v, i) => v + moved[i] * size[i]);
  const returns = oldValues.map((v, i) => v + away[i] * size[i]);
  return { values, oldValues, returns, clip: 0.2 };
}

/** (9) and what mistakes make of it. */
function valueLosses({ values, oldValues, returns, clip }: ReturnType<typeof drawValues>) {
  const each = (f: (v: number, o: number, r: number) => number) =>
    average(values.map((v, i) => f(v, oldValues[i], returns[i]) / 2));
  const held = (v: number, o: number) => o + clamp(v - o, -clip, clip);
  const ones = values.map(() => 1);
  return {
    right: clippedValueLossAndGradient(values, oldValues, returns, ones, { clip }).loss,
    smaller: each((v, o, r) => Math.min((v - r) ** 2, (held(v, o) - r) ** 2)),
    plain: each((v, _, r) => (v - r) ** 2),
    only: each((v, o, r) => (held(v, o) - r) ** 2),
    relative: each((v, o, r) => Math.max((v - r) ** 2, (clamp(v, o * (1 - clip), o * (1 + clip)) - r) ** 2)),
    towards: each((v, o, r) => ((v - o) * (r - o) > 0 ? (held(v, o) - r) ** 2 : (v - r) ** 2)),
  };
}

export const valueClipExercise = exercise({
  id: "08/value-clipping",
  title: "Clip the critic",
  difficulty: 2,
  minutes: 8,
  gives: ["clippedValueLoss"],
  watches: {
    "min-for-max":
      "This takes the smaller of the two errors. The critic's clipping is pessimistic as well, and a loss is pessimistic when it is large: max.",
    unclipped:
      "This is the plain loss, nothing was held back. What may not count beyond the clip is the step, value minus old value. (If you clipped " +
      "the error, value minus return, the max has undone it.)",
    "no-half": "This is twice the loss: where is the 1/2?",
    relative: "The clip was taken as a share of the old value. It is a distance in units of reward, to both sides.",
    "max-of-means":
      "This looks like the larger of two means. The larger error is taken for each token, and the mean comes after.",
    "towards-only":
      "This looks as if a value were held back whenever it moved towards its return. One that has gone past it, and is now further off " +
      "than the clipped one, counts in full: the larger of both errors, nothing else.",
    "always-clipped":
      "Only the clipped value was used. Then a value that moved the wrong way has no gradient that brings it back: take the larger of both errors.",
  },
  parts: [
    {
      name: "matches equation (9)",
      points: 2,
      look: "equation (9)",
      async run(given, t) {
        // In one case the plain mean is the larger, in the other the clipped one: a max of the two
        // means is neither throughout.
        const cases = drawBothWays(t.key, drawValues, (data) => {
          const { plain, only } = valueLosses(data);
          return plain - only;
        });
        const got = [];
        for (const { values, oldValues, returns, clip } of cases) {
          got.push(await given.clippedValueLoss([...values], [...oldValues], [...returns], clip));
        }
        const losses = cases.map(valueLosses);
        const of = (which: keyof (typeof losses)[number]) => losses.map((each) => each[which]);
        t.mistakes(
          got,
          {
            right: of("right"),
            "min-for-max": of("smaller"),
            unclipped: of("plain"),
            "no-half": of("right").map((x) => 2 * x),
            relative: of("relative"),
            "always-clipped": of("only"),
            "max-of-means": losses.map(({ plain, only }) => Math.max(plain, only)),
            "towards-only": of("towards"),
          },
          1e-6,
          "the losses of ten values, in two cases",
        );
      },
    },
    {
      name: "is the plain loss as long as nothing moves far",
      points: 1,
      async run(given, t) {
        const r = 1 + uniform(t.key, 1)[0];
        t.mistakes(
          await given.clippedValueLoss([0.1, -0.1], [0, 0], [r, r], 0.5),
          { right: ((0.1 - r) ** 2 + (0.1 + r) ** 2) / 4, "no-half": ((0.1 - r) ** 2 + (0.1 + r) ** 2) / 2 },
          1e-6,
          "the loss of two values that moved by 0.1, clip 0.5",
        );
      },
    },
  ],
});

/** Advantages of a padded batch, whitened: right, and with mistakes. */
function whitened(rows: readonly (readonly number[])[], mask: readonly (readonly number[])[]) {
  const [flat, on] = [rows.flat(), mask.flat()];
  const counted = flat.filter((_, i) => on[i] === 1);
  const back = (values: ArrayLike<number>) => {
    let at = 0;
    return rows.map((row) => row.map(() => values[at++]));
  };
  const by = (centre: number, spread: number) =>
    back(flat.map((x, i) => (on[i] === 1 ? (x - centre) / Math.sqrt(spread) : 0)));
  const around = (values: readonly number[], centre: number) => average(values.map((x) => (x - centre) ** 2));
  const kept = flat.map((x, i) => on[i] * x);
  const mean = average(counted);
  const right = back(whiten(flat, { mask: on }));
  return {
    right,
    "padding-in-spread": by(mean, kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / counted.length),
    "padding-in-both": by(average(kept), around(kept, average(kept))),
    "padding-not-zero": back(flat.map((x) => (x - mean) / Math.sqrt(around(counted, mean)))),
    "row-by-row": rows.map((row, b) => Array.from(whiten(row, { mask: mask[b] }))),
    "not-centred": by(0, around(counted, mean)),
    "not-rooted": by(mean, around(counted, mean) ** 2),
    sample: by(mean, (around(counted, mean) * counted.length) / (counted.length - 1)),
  };
}

export const whiteningExercise = exercise({
  id: "08/whitening",
  title: "Find the bug: advantages of unit spread",
  difficulty: 3,
  minutes: 8,
  gives: ["whitenAdvantages"],
  watches: {
    "padding-in-spread":
      "Padding still counts in the spread: a place whose mask is 0 holds 0 after the multiplication, and adds (0 - mean) squared. Without padding, or with a mean of 0, nothing is seen of it.",
    "padding-in-both":
      "Mean and spread were taken over all places, padding too. Only the tokens whose mask is 1 count.",
    "padding-not-zero": "Something other than 0 stands where the mask is 0.",
    "row-by-row":
      "Each reply was whitened on its own, so that what a good and a bad reply differ in is gone. Mean and spread are those of the whole batch.",
    "not-centred": "The mean was not subtracted.",
    "not-rooted": "The advantages were divided by their variance. Divide by its root.",
    sample:
      "The variance here divides by one less than the number of tokens. It is to be the mean of the squares, divided by their number.",
  },
  parts: [
    {
      name: "whitens replies of one length",
      points: 1,
      async run(given, t) {
        const rows = [0, 1, 2].map((b) => Array.from(normal(foldIn(t.key, b), 4), (x) => 1 + x));
        const mask = rows.map((row) => row.map(() => 1));
        const {
          "not-centred": notCentred,
          "not-rooted": notRooted,
          "row-by-row": rowByRow,
          sample,
          right,
        } = whitened(rows, mask);
        t.mistakes(
          await given.whitenAdvantages(
            rows.map((row) => [...row]),
            mask,
          ),
          { right, "not-centred": notCentred, "not-rooted": notRooted, "row-by-row": rowByRow, sample },
          GUARDED,
          "the advantages of three replies of four tokens",
        );
      },
    },
    {
      name: "whitens replies of several lengths",
      points: 2,
      look: "what each line does with a place whose mask is 0",
      async run(given, t) {
        const mask = [
          [1, 1, 1, 1, 1],
          [1, 1, 0, 0, 0],
          [1, 1, 1, 0, 0],
        ];
        // What a critic says on padding is not 0 either.
        const rows = mask.map((row, b) => Array.from(normal(foldIn(t.key, b), row.length), (x) => 1.5 + x));
        t.mistakes(
          await given.whitenAdvantages(
            rows.map((row) => [...row]),
            mask.map((row) => [...row]),
          ),
          whitened(rows, mask),
          GUARDED,
          "the advantages of three replies of five, two and three tokens",
        );
      },
    },
  ],
});
