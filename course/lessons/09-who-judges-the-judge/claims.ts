// What lesson 09 says its experiments show. Chains, tables and small bandits are exact; learners are held over ten
// keys, transformers over four.
import { type Key, key, linspace, logSoftmax, mean as meanOf, split, uniform } from "rlhf-lab";
import { chainEpisode, chainValues, lambdaMoments, nStepMoments, randomWalk } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactEntropy, exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  banditActorCritic,
  coinCritic,
  coinGradientError,
  compatibleFeatures,
  discountedReturns,
  generalizedAdvantages,
  linearCriticGradient,
  monteCarloUpdate,
  offPolicyCritic,
  temporalDifferenceUpdate,
  trainTabularA2c,
  trainTabularPpo,
  trainTabularReinforce,
  trainTabularSac,
} from "rlhf-lab/policy";
import { backboneLab, phraseTrial } from "rlhf-lab/studies";
import { adam, cosineSchedule } from "rlhf-lab/tensor";
import { algorithms, type ProbeCritic, probeError, trainPolicy, tryProbe } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  lastTokenContexts,
  prefixesOf,
  tabularContexts,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask, probes } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const rootMeanSquare = (values: ArrayLike<number>, truth: ArrayLike<number>) =>
  Math.sqrt(meanOf(Array.from(values, (v, s) => (v - truth[s]) ** 2)));
const last = <T>(list: readonly T[]): T => list[list.length - 1];
const least = (list: readonly number[]) => list.indexOf(Math.min(...list));

// Sections 1 to 3: critics.

const shortWalk = randomWalk(5, { left: 0, right: 1 });
const shortTruth = chainValues(shortWalk);

const twoCritics = experiment("two critics after a hundred walks", {
  keys: 20,
  run: (key) => {
    let byReturns: Float64Array = new Float64Array(5).fill(0.5);
    let byForecasts: Float64Array = new Float64Array(5).fill(0.5);
    for (const walk of split(key, 100).map((one) => chainEpisode(one, shortWalk))) {
      byReturns = monteCarloUpdate(byReturns, walk, { rate: 0.05, discount: 1 });
      byForecasts = temporalDifferenceUpdate(byForecasts, walk, { rate: 0.05, discount: 1 });
    }
    return { returns: rootMeanSquare(byReturns, shortTruth), forecasts: rootMeanSquare(byForecasts, shortTruth) };
  },
}).shows({
  "09/both-learn": both(
    mean(({ returns }) => returns, { below: 0.2 }), // the error at the start is 0.236
    mean(({ forecasts }) => forecasts, { below: 0.05 }),
  ),
  "09/forecasts-are-quieter": share(({ returns, forecasts }) => forecasts < returns, { above: 0.9 }),
});

const longWalk = randomWalk(19);
const longTruth = chainValues(longWalk);

const targets = exactly("targets of a critic that is half right", () =>
  [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256].map((n) => {
    const { mean: expected, variance } = nStepMoments(
      longWalk,
      longTruth.map((v) => v / 2),
      { n },
    );
    return { bias: rootMeanSquare(expected, longTruth) ** 2, variance: meanOf(variance) };
  }),
).shows({
  "09/bias-falls-variance-grows": every((at) =>
    at.every((a, i) => i === 0 || (a.bias < at[i - 1].bias && a.variance > at[i - 1].variance)),
  ),
});

const stepRates = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];
const horizons = [1, 2, 4, 8, 32, 512];

const steps = experiment("n-step learners, ten walks each", {
  keys: 10,
  run: (key) => {
    const walks = split(key, 25).map((k) => split(k, 10).map((one) => chainEpisode(one, longWalk)));
    return horizons.map((n) =>
      stepRates.map((rate) =>
        meanOf(
          walks.map((episodes) => {
            let values: Float64Array = new Float64Array(19);
            return meanOf(
              episodes.map((episode) => {
                values = temporalDifferenceUpdate(values, episode, { n, rate, discount: 1 });
                return rootMeanSquare(values, longTruth);
              }),
            );
          }),
        ),
      ),
    );
  },
}).shows({
  "09/in-between-is-best": every((errors) => {
    const best = errors.map((row) => Math.min(...row));
    return horizons[least(best)] === 4 && best[2] < best[0] - 0.03 && best[2] < best[5] - 0.1;
  }),
  "09/small-steps-look-further": every((errors) => {
    const bestAt = (rate: number) => horizons[least(errors.map((row) => row[stepRates.indexOf(rate)]))];
    return bestAt(0.1) >= 8 && bestAt(0.4) === 4 && bestAt(1) === 1;
  }),
});

const lambdas = exactly("the best lambda for four critics", () => {
  const grid = linspace(0, 1, 101);
  return [0, 0.5, 0.9, 1].map((right) => {
    const errors = grid.map((lambda) => {
      const values = longTruth.map((v) => right * v);
      const { mean: expected, variance } = lambdaMoments(longWalk, values, { lambda });
      return Math.sqrt(rootMeanSquare(expected, longTruth) ** 2 + meanOf(variance) / 32);
    });
    return { best: grid[least(errors)], atOne: errors[100] };
  });
}).shows({
  "09/better-critics-are-believed": every(
    ([none, half, nearly, right]) =>
      none.best > half.best && half.best > 0.95 && Math.abs(nearly.best - 0.8) < 0.05 && right.best === 0,
  ),
  "09/lambda-one-forgets-the-critic": every((of) => of.every(({ atOne }) => Math.abs(atOne - of[0].atOne) < 1e-9)),
});

const suspects: Record<string, ProbeCritic> = {
  sound: {},
  prompt: { sees: (_, prefix) => `${prefix}` },
  discount: { targets: (rewards) => discountedReturns(rewards, 1) },
  position: { sees: (prompt, prefix) => `${prompt}, token ${prefix.length}` },
  lastReward: { targets: (rewards) => rewards.map(() => rewards[rewards.length - 1]) },
  pastTheEnd: {
    targets: (rewards, values, discount) =>
      generalizedAdvantages(rewards, [...values, last([...values])], { discount, lambda: 0.9 }).map(
        (advantage, t) => advantage + values[t],
      ),
  },
};
const noLosses: ProbeCritic = {
  targets: (rewards, values, discount) =>
    generalizedAdvantages(
      rewards.map((r) => Math.max(r, -1)),
      [...values, 0],
      { discount, lambda: 0.95 },
    ).map((advantage, t) => advantage + values[t]),
};

const onTrial = experiment("six critics and one more on trial", {
  keys: 10,
  run: (key) => ({
    errors: Object.values(suspects).map((critic) => probes().map((one) => probeError(tryProbe(key, one, critic)))),
    later: [500, 2000, 8000].map((replies) => probeError(tryProbe(key, probes()[0], suspects.pastTheEnd, { replies }))),
    noLosses: Math.max(...probes().map((one) => probeError(tryProbe(key, one, noLosses)))),
  }),
}).shows({
  "09/sound-critic-passes": every(({ errors }) => Math.max(...errors[0]) < 0.15),
  "09/every-bug-fails-in-its-own-way": every(({ errors }) => {
    const patterns = errors.map((row) => row.map((error) => (error > 0.2 ? "x" : ".")).join(""));
    return new Set(patterns).size === errors.length && patterns.slice(1).every((pattern) => pattern.includes("x"));
  }),
  "09/past-the-end-rises": every(
    ({ errors, later }) => errors[5][0] > 10 && later[0] < later[1] && later[1] < later[2],
  ),
  "09/a-bug-that-passes": every(({ noLosses }) => noLosses < 0.15),
});

// Sections 4 and 5: the actor, and whose body.

const fourWords = [0.4, 0.3, 0.2, 0.1];

const leak = exactly("a critic that the actor's loss pulls at", () =>
  [0.25, 0.5, 1, 2].map((c) => {
    const settle = (flows: number) => {
      let v = 0;
      for (let step = 0; step < 20_000; step++) {
        for (const [a, p] of fourWords.entries()) v -= 0.01 * p * (c * (v - Number(a === 0)) + flows * Math.log(p));
      }
      return v;
    };
    return { c, stopped: settle(0), flows: settle(1) };
  }),
).shows({
  "09/too-high-by-entropy": every((rows) => {
    const entropy = -fourWords.reduce((sum, p) => sum + p * Math.log(p), 0);
    return rows.every(
      ({ c, stopped, flows }) => Math.abs(stopped - 0.4) < 0.01 && Math.abs(flows - 0.4 - entropy / c) < 0.02,
    );
  }),
});

const task = phraseTask({ length: 3 });
const contexts = tabularContexts(task.tree);

/** Exercise 5's answer, on the phrase task: the utility of the policy after 30,000 words, exactly. */
const learnByWord = (key: Key, actorRate: number, criticRate: number) => {
  const { tree, utility } = task;
  const words = tree.vocabulary;
  const values = new Float64Array(tree.prefixes.length);
  const logits = new Float64Array(values.length * words);
  let s = 0;
  for (const u of uniform(key, 30_000)) {
    const row = logits.subarray(s * words, (s + 1) * words);
    const pi = logSoftmax(row).map(Math.exp);
    let a = 0;
    for (let below = pi[0]; below <= u && a < words - 1; below += pi[a]) a++;
    const after = tree.next[s * words + a];
    const delta = (after < 0 ? utility[0][-1 - after] : values[after]) - values[s];
    values[s] += criticRate * delta;
    for (let b = 0; b < words; b++) row[b] += actorRate * delta * ((a === b ? 1 : 0) - pi[b]);
    s = Math.max(after, 0);
  }
  return exactPolicyGradient({ tree, contexts, logits }, utility[0]).value;
};

const byWord = experiment("actor and critic, from nothing", {
  keys: 60,
  run: (key) => ({ slow: learnByWord(key, 0.05, 0.2), fast: learnByWord(key, 0.3, 0.1) }),
}).shows({
  "09/slow-actors-arrive": share(({ slow }) => slow > 1.9, { above: 0.7 }),
  "09/fast-actors-are-stuck": share(({ fast }) => Math.abs(fast - 1) < 0.1, { above: 0.5 }),
});

const knowable = exactly("what the best critic explains", () => {
  const sums = [0, 0, 0, 0];
  let [first, second] = [0, 0];
  task.prompts.forEach((_, x) => {
    const [logProbs, reward] = [task.reference[x], task.utility[x]];
    const { V } = exactPolicyGradient(
      treePolicy(task.tree, conditionalLogProbs(task.tree, logProbs), contexts),
      reward,
    );
    first += exactExpectation(logProbs, reward) / 2;
    second +=
      exactExpectation(
        logProbs,
        reward.map((r) => r * r),
      ) / 2;
    for (const t of sums.keys()) {
      const error = task.tree.sequences.map((_, y) => {
        const passed = prefixesOf(task.tree, y);
        return (reward[y] - (t < passed.length ? V[passed[t]] : reward[y])) ** 2;
      });
      sums[t] += exactExpectation(logProbs, error) / 2;
    }
  });
  return sums.map((left) => 1 - left / (second - first ** 2));
}).shows({
  "09/prompt-explains-nothing": every(
    ([prompt, one, two, all]) => Math.abs(prompt) < 1e-9 && one > 0.05 && two > one && Math.abs(all - 1) < 1e-9,
  ),
});

const size = { model: { width: 32, layers: 2, heads: 2 } };

/** Made when the first key asks: whoever only reads the claims should not wait for it. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const labOfBodies = once(() => backboneLab(task, { ...size, rate: 1e-3, beta: 0.2 }));
const people = once(() => backboneLab(task, size).imitate([0, 4], { steps: 200 }));

const bodies = experiment("one body or two", {
  keys: 8,
  few: "transformer",
  run: async (key) => {
    const [lab, start] = [labOfBodies(), await people()];
    const of = async (shared: boolean, actorWeight: number, steps = 120) => {
      const run = await lab.run(key, start, { shared, steps, every: steps, actorWeight });
      return { first: run[0].explained, explained: last(run).explained, kl: last(run).kl, reward: last(run).reward };
    };
    return {
      shared: await of(true, 1),
      separate: await of(false, 1),
      alone: { shared: await of(true, 0), separate: await of(false, 0, 30) },
    };
  },
}).shows({
  "09/fresh-heads-are-no-use": every(({ shared, separate }) => shared.first < 0.02 && separate.first < 0.02),
  "09/two-bodies-explain-more": mean(({ shared, separate }) => separate.explained - shared.explained, { above: 0.03 }),
  "09/both-bodies-earn-alike": mean(({ shared, separate }) => separate.reward - shared.reward, {
    between: [-0.05, 0.15],
  }),
  "09/critic-takes-the-policy-along": both(
    every(({ alone }) => alone.shared.kl > 0.5),
    mean(({ alone }) => alone.shared.reward - alone.separate.reward, { below: -0.05 }),
  ),
  "09/separate-bodies-stand-still": every(({ alone }) => alone.separate.kl < 1e-9),
});

const lengths = [4, 16, 32, 64, 128];

const longTexts = experiment("critics of long texts", {
  keys: 10,
  run: (key) =>
    lengths.map((length) => {
      const of = (lambda: number) => ({
        ...coinGradientError(coinCritic(key, { length, texts: 300, lambda }), { length, lambda }),
      });
      const none = { ...coinGradientError(new Float64Array((length * (length + 1)) / 2), { length, lambda: 1 }) };
      return { none, zero: of(0), most: of(0.95), one: of(1) };
    }),
}).shows({
  "09/a-baseline-saves-a-quarter": every((at) =>
    at.every(({ none, one }) => one.bias < 1e-9 && one.noise / none.noise > 0.68 && one.noise / none.noise < 0.8),
  ),
  "09/bootstrapping-stops-the-noise": mean((at) => at[4].most.noise / at[2].most.noise, { between: [0.8, 1.2] }),
  "09/bootstrapping-pays-in-bias": both(
    mean((at) => at[2].most.bias, { below: 0.12 }),
    mean((at) => at[4].most.bias, { above: 0.4 }),
  ),
  "09/one-step-says-nothing-when-long": both(
    mean((at) => at[0].zero.bias, { below: 0.1 }),
    mean((at) => at[2].zero.bias, { above: 0.8 }),
  ),
  "09/middle-lambda-wins-when-long": every((at) => {
    const off = ({ bias, noise }: { bias: number; noise: number }) => Math.hypot(bias, noise / Math.sqrt(32));
    return [1, 2, 3, 4].every((i) => {
      const { none, zero, most, one } = at[i];
      return off(most) < Math.min(off(none), off(zero), off(one));
    });
  }),
});

// Section 6: the race, rates, rare success, entropy.

const byTable = treePolicy(task.tree, conditionalLogProbs(task.tree, task.reference[0]));
const world = {
  reference: task.reference[0],
  reward: task.utility[0],
  beta: 0.5,
  batch: 32,
};
const rates = [0.3, 1, 2.5, 5, 10, 20, 40, 80];
const sweep = { ...world, steps: 150, every: 150 };
const endOf = (run: { history: readonly { gap: number }[] }) => last(run.history).gap;
const racers: Record<string, (k: Key, rate: number) => number> = {
  A2C: (k, rate) => endOf(trainTabularA2c(k, byTable, { ...sweep, rate })),
  PPO: (k, rate) => endOf(trainTabularPpo(k, byTable, { ...sweep, rate })),
  SAC: (k, rate) => endOf(trainTabularSac(k, byTable, { ...sweep, rate })),
  REINFORCE: (k, rate) => endOf(trainTabularReinforce(k, byTable, { ...sweep, rate })),
};

/** Of gaps [keys][rates]: the mean over keys of each rate. */
const overKeys = (gaps: readonly (readonly number[])[]) => rates.map((_, r) => meanOf(gaps.map((row) => row[r])));
/** The ratio of the largest to the smallest rate whose mean gap is at most 0.05 nats. */
const windowOf = (gaps: readonly number[]) => {
  const good = rates.filter((_, r) => gaps[r] <= 0.05);
  return last(good) / good[0];
};

const race = experiment("four algorithms over their rates", {
  keys: 10,
  run: (key) =>
    ({
      ...Object.fromEntries(Object.entries(racers).map(([name, of]) => [name, rates.map((rate) => of(key, rate))])),
      oneEpoch: [5, 10, 20].map((rate) => endOf(trainTabularPpo(key, byTable, { ...sweep, rate, epochs: 1 }))),
    }) as Record<"A2C" | "PPO" | "SAC" | "REINFORCE" | "oneEpoch", number[]>,
}).shows({
  "09/all-come-near": (seen) => {
    const best = Object.keys(racers).map((name) => Math.min(...overKeys(seen.map((s) => s[name as "A2C"]))));
    const said = best.map((gap) => gap.toFixed(4)).join(", ");
    return { holds: best.every((gap) => gap < 0.025), seen: `best mean gaps ${said}`, wanted: "below 0.025" };
  },
  "09/sac-has-the-widest-window": (seen) => {
    const [a2c, ppo, sac, reinforce] = Object.keys(racers).map((name) =>
      windowOf(overKeys(seen.map((s) => s[name as "A2C"]))),
    );
    const holds = sac > ppo && ppo > a2c && ppo > reinforce;
    return { holds, seen: `A2C ${a2c}, PPO ${ppo}, SAC ${sac}, REINFORCE ${reinforce}`, wanted: "SAC > PPO > others" };
  },
  "09/clip-does-not-save-large-steps": both(
    mean(({ A2C }) => A2C[5], { below: 0.03 }),
    mean(({ PPO }) => PPO[5], { below: 0.03 }),
    mean(({ A2C }) => A2C[7], { above: 0.1 }),
    mean(({ PPO }) => PPO[7], { above: 0.1 }),
  ),
  "09/one-epoch-of-ppo-is-a2c": every(({ A2C, oneEpoch }) =>
    oneEpoch.every((gap, i) => Math.abs(gap - A2C[rates.indexOf([5, 10, 20][i])]) < 1e-3),
  ),
});

const climb = (beta: number, length: number, steps: number) => {
  const { tree, utility } = phraseTask({ length });
  const options = { reward: utility[0], beta, steps, every: 10 };
  const blank = treePolicy(tree, new Float64Array(tree.next.length));
  const { history } = trainTabularReinforce(key(0), blank, { ...options, batch: "all", rate: 1 });
  return history.map(({ gap }) => gap);
};

const exactRates = exactly("the exact gradient, with and without regularisation", () => ({
  plain: [100, 1000].map((step) => climb(0, 3, 1000)[step / 10]),
  strong: [100, 300, 1000].map((step) => climb(2, 3, 1000)[step / 10]),
  long: [300, 3000].map((step) => climb(0, 4, 3000)[step / 10]),
})).shows({
  "09/one-over-t": every(({ plain }) => plain[0] / plain[1] > 8 && plain[0] / plain[1] < 20),
  "09/a-penalty-makes-it-faster-than-any-power": every(({ strong: [a, b, c] }) => a / b > 3 && b / c > 3 * (a / b)),
  "09/stuck-at-four-tokens": every(({ long }) => long.every((gap) => gap > 0.99 && gap < 1.02)),
});

const { tree: rareTree, utility: rareUtility } = phraseTask({ length: 4 });
const success = Float64Array.from(rareUtility[0], (u) => Number(u >= 3));
const blank = treePolicy(rareTree, new Float64Array(rareTree.next.length));
const rareWorld = {
  reward: success,
  beta: 0.1,
  steps: 150,
  batch: 16,
  every: 10,
};
const seekers: Record<string, (k: Key) => { history: readonly { reward: number }[] }> = {
  A2C: (k) => trainTabularA2c(k, blank, { ...rareWorld, rate: 100 }),
  PPO: (k) => trainTabularPpo(k, blank, { ...rareWorld, rate: 100 }),
  SAC: (k) => trainTabularSac(k, blank, { ...rareWorld, rate: 10 }),
  REINFORCE: (k) => trainTabularReinforce(k, blank, { ...rareWorld, rate: 100 }),
};

const rare = experiment("three replies of 1555 pay", {
  keys: 20,
  run: (key) =>
    Object.fromEntries(
      Object.entries(seekers).map(([name, run]) => [name, run(key).history.map(({ reward }) => reward)]),
    ) as Record<string, number[]>,
}).shows({
  "09/found-or-not": share(
    (curves) => Object.values(curves).every((curve) => last(curve) < 0.02 || last(curve) > 0.5),
    { above: 0.85 },
  ),
  "09/sac-learns-it-in-most-runs": share(({ SAC }) => last(SAC) >= 0.5, { above: 0.6 }),
  "09/sac-finds-no-sooner": both(
    mean(({ SAC, A2C }) => last(SAC) - last(A2C), { below: 0.1 }),
    mean(({ SAC, REINFORCE }) => last(SAC) - last(REINFORCE), { below: 0.1 }),
  ),
});

const twoPenalties = exactly("entropy, and KL to uniform words", () => {
  const lengths = task.tree.sequences.map((reply) => reply.length);
  const of = (reference: ArrayLike<number>) => {
    const { logProbs } = exactRegularisedOptimum(reference, task.utility[0], 1);
    return {
      utility: exactExpectation(logProbs, task.utility[0]),
      entropy: exactEntropy(logProbs),
      oneToken: exactExpectation(
        logProbs,
        lengths.map((n) => Number(n === 1)),
      ),
    };
  };
  return { entropy: of(lengths.map(() => 0)), words: of(lengths.map((n) => -n * Math.log(7))) };
}).shows({
  "09/words-pay-for-stopping": every(
    ({ entropy, words }) =>
      words.oneToken > 20 * entropy.oneToken && words.utility < entropy.utility && words.entropy < entropy.entropy,
  ),
});

const steered = experiment("a price that finds itself", {
  keys: 10,
  run: (key) =>
    [0.4, 0.8, 1.2, 1.6].map((target) => {
      const { history } = trainTabularSac(key, treePolicy(task.tree, new Float64Array(task.tree.next.length)), {
        ...world,
        reference: undefined,
        beta: 1,
        steps: 400,
        every: 100,
        targetEntropy: target - Math.log(7),
      });
      return { beta: history.map(({ beta }) => beta), utility: last(history).reward };
    }),
}).shows({
  "09/less-entropy-more-utility": every(
    ([, low, middle, high]) => low.utility > middle.utility && middle.utility > high.utility,
  ),
  "09/the-price-settles": every((of) => of.slice(1).every(({ beta }) => Math.abs(Math.log(beta[4] / beta[3])) < 0.3)),
  "09/the-price-falls": every(([{ beta }]) => beta[3] < 0.85 * beta[2] && beta[4] < 0.85 * beta[3]),
});

const trialOf = once(() => {
  const reader = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2, deviation: 0.3 });
  const untrained = reader.init([0, 11]);
  return { reader, untrained, trial: phraseTrial(task, reader, { reference: untrained, beta: 0.5 }) };
});
const laps = 60;

const onTransformer = experiment("three algorithms on a transformer", {
  keys: 4,
  few: "transformer",
  run: async (key) => {
    const { reader, untrained, trial } = trialOf();
    const run = async (algorithm: Parameters<typeof trainPolicy>[1]["algorithm"], readings: number) => {
      const { history } = await trainPolicy(key, {
        model: reader,
        start: untrained,
        algorithm,
        optimizer: adam({ rate: cosineSchedule(1e-2, readings * laps), maxNorm: 1 }),
        prompts: trial.prompts,
        reward: trial.reward,
        batch: 64,
        iterations: laps,
        newTokens: 3,
        stop: task.tree.end,
        beta: 0.5,
        evaluate: { every: 10, run: ({ params }) => ({ gap: trial.gap(params.policy) }) },
        label: false,
      });
      return {
        soon: history[9].gap,
        end: history[laps - 1].gap,
        explained: meanOf(history.slice(-10).map(({ explainedVariance }) => explainedVariance)),
      };
    };
    return {
      a2c: await run(algorithms.a2c(), 1),
      ppo: await run(algorithms.ppo({ epochs: 2, minibatches: 2 }), 4),
      sac: await run(algorithms.sac({ updates: 4, warmup: 512 }), 4),
    };
  },
}).shows({
  "09/all-arrive": every(({ a2c, ppo, sac }) => Math.max(a2c.end, ppo.end, sac.end) < 0.2),
  "09/sac-is-behind-at-first": every(({ a2c, ppo, sac }) => sac.soon > a2c.soon && sac.soon > ppo.soon),
  "09/sac-catches-up": mean(({ a2c, sac }) => sac.end - a2c.end, { between: [-0.1, 0.1] }),
  "09/sac-explains-more": mean(({ a2c, sac }) => sac.explained / a2c.explained, { above: 1 }),
});

// Sections 7 and 8: conditions.

const P = { scale: 0.3, power: 0.95 };
const Q = { scale: 2, power: 0.55 };
const bandit = { reward: [1, 0], believed: [-1, 0], steps: 100_000, every: 100_000 };
const endsAt = (options: Parameters<typeof banditActorCritic>[0]) => {
  const { probability, believed } = last(banditActorCritic(options));
  return { probability: probability[0], belief: believed[0] };
};

const paces = exactly("two step sizes, exchanged", () => ({
  criticFaster: endsAt({ ...bandit, actor: P, critic: Q }),
  actorFaster: endsAt({ ...bandit, actor: Q, critic: P }),
  tenTimesLonger: endsAt({ ...bandit, steps: 1_000_000, every: 1_000_000, actor: Q, critic: P }),
  anchored: endsAt({ ...bandit, actor: Q, critic: P, beta: 0.5 }),
  sameScale: [0.3, 1, 2, 3, 5].map((scale) =>
    endsAt({ ...bandit, actor: { scale, power: Q.power }, critic: { scale, power: P.power } }),
  ),
})).shows({
  "09/exchanged-one-is-stuck": every(
    ({ criticFaster, actorFaster }) =>
      criticFaster.probability > 0.8 &&
      criticFaster.belief > 0.99 &&
      actorFaster.probability < 0.01 &&
      actorFaster.belief < -0.3,
  ),
  "09/stuck-for-good": every(
    ({ actorFaster, tenTimesLonger }) =>
      tenTimesLonger.probability < actorFaster.probability && tenTimesLonger.belief < -0.35,
  ),
  "09/a-penalty-frees-it": every(({ anchored }) => anchored.probability > 0.8 && anchored.belief > 0.8),
  "09/equal-scales-converge": every(({ sameScale }) => sameScale.every(({ probability }) => probability > 0.99)),
});

const away = exactly("a critic off-policy", () =>
  [1, 0.9, 0.05].map((part) => last([...offPolicyCritic({ share: part, discount: 0.95, rate: 0.1, steps: 80 })])),
).shows({ "09/runs-away": every(([first, nine, visited]) => first > 100 && nine > 10 && Math.abs(visited) < 0.5) });

const lastToken = lastTokenContexts(task.tree);
const V = task.tree.vocabulary;
const prefixes = task.tree.prefixes.length;
const pairs = Array.from({ length: prefixes * V }, (_, pair) => ({ prefix: Math.floor(pair / V), word: pair % V }));
const oneHot = (size: number, ...places: number[]) => {
  const out = new Float64Array(size);
  for (const place of places) out[place] = 1;
  return out;
};

const features = exactly("linear critics", () => {
  const start = new Float64Array(8 * V);
  const both = pairs.map(({ prefix, word }) => oneHot(prefixes + V, prefix, prefixes + word));
  const sets = {
    compatible: (logits: Float64Array): ArrayLike<number>[] =>
      compatibleFeatures(treePolicy(task.tree, logits, lastToken)),
    word: () => pairs.map(({ word }) => oneHot(V, word)),
    both: () => both,
  };
  const utility = task.utility[0];
  const fit = (of: keyof typeof sets) => {
    const { explained, cosine } = linearCriticGradient(
      treePolicy(task.tree, start, lastToken),
      utility,
      sets[of](start),
    );
    return { explained, degrees: (Math.acos(Math.min(1, cosine)) * 180) / Math.PI };
  };
  const climbed = (of?: keyof typeof sets) => {
    const logits = Float64Array.from(start);
    for (let step = 0; step < 100; step++) {
      const { gradient } = of
        ? linearCriticGradient(treePolicy(task.tree, logits, lastToken), utility, sets[of](logits))
        : exactPolicyGradient(treePolicy(task.tree, logits, lastToken), utility);
      for (const [i, slope] of gradient.entries()) logits[i] += 2 * slope;
    }
    return exactPolicyGradient(treePolicy(task.tree, logits, lastToken), utility).value;
  };
  return {
    fits: { compatible: fit("compatible"), word: fit("word"), both: fit("both") },
    climbs: { truth: climbed(), compatible: climbed("compatible"), both: climbed("both"), word: climbed("word") },
  };
}).shows({
  "09/compatible-is-exact": every(({ fits }) => fits.compatible.explained < 0.05 && fits.compatible.degrees < 0.01),
  "09/best-forecaster-points-elsewhere": every(
    ({ fits }) => fits.both.explained > 3 * fits.compatible.explained && fits.both.degrees > 15,
  ),
  "09/best-forecaster-lags": every(
    ({ climbs }) => Math.abs(climbs.compatible - climbs.truth) < 1e-6 && climbs.both < climbs.truth - 0.3,
  ),
  "09/states-add-nothing": every(
    ({ fits, climbs }) =>
      fits.both.explained > fits.word.explained + 0.3 &&
      Math.abs(fits.both.degrees - fits.word.degrees) < 1e-6 &&
      Math.abs(climbs.both - climbs.word) < 0.05,
  ),
});

export default [
  twoCritics,
  targets,
  steps,
  lambdas,
  onTrial,
  leak,
  byWord,
  knowable,
  bodies,
  longTexts,
  race,
  exactRates,
  rare,
  twoPenalties,
  steered,
  onTransformer,
  paces,
  away,
  features,
];
