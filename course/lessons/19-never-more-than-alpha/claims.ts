import { foldIn, mean as meanOf, split, standardDeviation } from "rlhf-lab";
import {
  chargedOptimum,
  constraintMultiplier,
  dividedOptimum,
  dualAscent,
  dualAscentLimit,
  sampledDualAscent,
} from "rlhf-lab/constitution";
import { constrainedOptimum, occupancy, optimalPolicy, policyReturn, withRewards } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import { uniform } from "rlhf-lab/random";
import {
  almostSureOptimum,
  bestDeterministic,
  chanceConstrainedOptimum,
  costDistribution,
  countCosts,
  cpoUpdate,
  crpoUpdate,
  cvarConstrainedOptimum,
  dualStep,
  ipoUpdate,
  lagrangianUpdate,
  liftPolicy,
  logDualStep,
  maxReachability,
  mixedSignsCpoStep,
  type PolicyPath,
  pcpoUpdate,
  policyPath,
  productMdp,
  type SafeUpdate,
  safeBanditRun,
  sauteOptimum,
  scenarioRisk,
} from "rlhf-lab/safety";
import { compareReplies, learnReward, proxyWorld, safePhraseStudy } from "rlhf-lab/studies";
import { adam, disposeTree } from "rlhf-lab/tensor";
import { fitHarmModel, learnedCostTrial, phraseFlattery, phraseTask, strait } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const world = strait();
const { mdp, cost } = world;
const problem = { mdp, counted: world.shoals };
const near = (x: number, to: number, by = 1e-3) => Math.abs(x - to) <= by;
const under = (atMost: number) => constrainedOptimum(mdp, [{ cost, atMost }]);
const last = (values: Float64Array) => values[values.length - 1];
const path = (update: SafeUpdate, iterations: number, start?: ArrayLike<number>) =>
  policyPath(mdp, [{ cost, atMost: 1 }], update, { iterations, start });
const soften = (policy: Float64Array) => policy.map((p) => Math.log(0.97 * p + 0.03 / 4));
const end = ({ values, costs: [costs], multipliers: [multipliers] }: PolicyPath) => ({
  J: last(values),
  C: last(costs),
  price: last(multipliers),
  above: costs.filter((C) => C > 1.001).length,
  spread: standardDeviation(costs.subarray(Math.floor(costs.length / 2))),
});

const task = phraseTask();
const flattery = phraseFlattery(task);
const logRef = task.reference[0];
const utility = task.utility[0];
const text = (limit: number, beta = 0.3) => ({ logRef, reward: utility, cost: flattery, beta, limit });
const worth = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, utility);

// Its captured steps are found again by the next key.
const model = transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 });
const replies = proxyWorld();
const study = safePhraseStudy(task, model, adam({ rate: 5e-3, maxNorm: 1 }));

export default [
  exactly("the strait under expected limits", async () => {
    const one = await under(1);
    const counting = countCosts(mdp, world.shoals, 6);
    const N = costDistribution(counting, liftPolicy(counting, one.policy));
    const coins = Array.from({ length: 42 }, (_, s) => s).filter((s) => {
      const own = [0, 1, 2, 3].map((a) => 4 * s + a);
      return own.some((pair) => one.flow[pair] > 1e-9) && own.filter((pair) => one.policy[pair] > 1e-6).length > 1;
    });
    const frontier = [];
    for (const limit of [0, 0.3, 0.5, 1, 2, 2.6]) {
      const { value, multipliers } = await under(limit);
      frontier.push({ limit, value, price: multipliers[0] });
    }
    const pure = await bestDeterministic(mdp, [{ cost, atMost: 1 }], { gap: 0.002 });
    return {
      none: N[0],
      three: 1 - N[0] - N[1] - N[2],
      coins,
      through: one.policy[4 * world.start],
      frontier,
      pure: pure.value,
      mixed: one.value,
    };
  }).shows({
    "19/one-on-average-is-three-often": every(({ none, three }) => near(none, 0.647) && near(three, 0.273)),
    "19/the-frontier": every(
      ({ frontier }) =>
        frontier[0].price > 30 &&
        frontier.slice(1).every(({ price }) => near(price, 0.093, 2e-4)) &&
        // One straight line.
        frontier.slice(1).every(({ limit, value }) => near(value, 0.562 + 0.09303 * (limit - 1), 5e-4)),
    ),
    "19/one-coin": every(
      ({ coins, through, pure, mixed }) =>
        coins.length === 1 &&
        coins[0] === world.start &&
        near(through, 0.313) &&
        near(pure, 0.544) &&
        mixed > pure + 0.015,
    ),
  }),

  exactly("six meanings of at most", async () => {
    const chance = await chanceConstrainedOptimum(problem, { moreThan: 1, probability: 0.1 });
    const narrow = strait({ map: ["S..~..H", "...~...", "...~...", "...~...", ".......", "......."] });
    const sure = async (of: typeof world) => {
      const values: number[] = [];
      for (const atMost of [0, 1, 2, 3]) {
        values.push((await almostSureOptimum({ mdp: of.mdp, counted: of.shoals }, { atMost })).value);
      }
      return values;
    };
    const errand = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "......A", "......."] });
    const { mdp: product, mode } = productMdp(errand.mdp, [...errand.fields], {
      states: 4,
      start: 0,
      next: (q, letter) => {
        if (q >= 2) return q;
        if (letter === "~") return 3;
        return q === 0 ? (letter === "A" ? 1 : 0) : letter === "H" ? 2 : 1;
      },
    });
    const target = mode.map((q) => (q === 2 ? 1 : 0));
    return {
      none: (await chanceConstrainedOptimum(problem, { moreThan: 0, probability: 0.05 })).value,
      tail: (await cvarConstrainedOptimum(problem, { tail: 0.1, atMost: 1 })).value,
      chance: chance.value,
      oneOrMore: 1 - costDistribution(chance.memory, chance.policy)[0],
      wide: await sure(world),
      narrow: await sure(narrow),
      deadlines: [14, 20, 30, 300].map((horizon) => maxReachability(product, target, { horizon })[0]),
    };
  }).shows({
    "19/six-meanings": every(
      ({ none, tail, chance, oneOrMore, wide }) =>
        near(none, 0.4754) &&
        near(tail, 0.4777) &&
        near(chance, 0.5336) &&
        oneOrMore > 0.5 &&
        near(wide[1], wide[0], 1e-9),
    ),
    "19/budgets-and-deadlines": every(
      ({ wide, narrow, deadlines }) =>
        wide.every((value) => near(value, 0.4102)) &&
        narrow.every((value, b) => b === 0 || value > narrow[b - 1] + 0.005) &&
        near(deadlines[0], 0.2944) &&
        near(deadlines[1], 0.9316) &&
        deadlines[3] > 1 - 1e-9,
    ),
  }),

  exactly("Saute with finite penalties", async () => {
    const narrow = strait({ map: ["S..~..H", "...~...", "...~...", "...~...", ".......", "......."] });
    const by = async (of: typeof world, budget: number, penalties: number[]) => {
      const own = { mdp: of.mdp, counted: of.shoals };
      const sure = (await almostSureOptimum(own, { atMost: budget })).value;
      const runs: { penalty: number; value: number; overspent: number }[] = [];
      for (const penalty of penalties) {
        const { value, overspent } = await sauteOptimum(own, { budget, penalty });
        runs.push({ penalty, value, overspent });
      }
      return { sure, runs };
    };
    return {
      none: await by(world, 0, [1, 3]),
      one: await by(world, 1, [1, 10, 100, 1000]),
      narrow: await by(narrow, 1, [0.1, 1]),
    };
  }).shows({
    "19/saute-is-a-price": every(
      ({ none, one, narrow }) =>
        one.runs[1].overspent > 1e-5 &&
        one.runs[1].overspent < 1e-3 &&
        narrow.runs[0].overspent > 0.01 &&
        none.runs[0].overspent > 0 &&
        [none, one, narrow].every(({ sure, runs }) => {
          const { overspent, value } = runs[runs.length - 1];
          return overspent === 0 && near(value, sure, 1e-9);
        }),
    ),
  }),

  exactly("dual ascent on best policies", () => {
    const best = (lambda: number) =>
      optimalPolicy(
        withRewards(
          mdp,
          mdp.rewards.map((r, pair) => r - lambda * cost[pair]),
        ),
      ).policy;
    const spent = (policy: Float64Array) => policyReturn(withRewards(mdp, cost), policy);
    const total = new Float64Array(168);
    const costs: number[] = [];
    let lambda = 0;
    for (let step = 0; step < 400; step++) {
      const policy = best(lambda);
      costs.push(spent(policy));
      occupancy(mdp, policy).forEach((part, pair) => {
        total[pair] += part / (1 - mdp.discount) / 400;
      });
      lambda = Math.max(0, lambda + 0.01 * (costs[step] - 1));
    }
    const of = (values: Float64Array) => total.reduce((sum, x, pair) => sum + x * values[pair], 0);
    const atPrices = Array.from({ length: 141 }, (_, i) => spent(best(0.06 + 0.0005 * i)));
    return { atPrices, late: costs.slice(100), J: of(mdp.rewards), C: of(cost) };
  }).shows({
    "19/no-price-buys-one": every(
      ({ atPrices, late, J, C }) =>
        atPrices.every((c) => c > 2.6 || c < 0.25) &&
        late.every((c) => c > 2.6 || c < 0.25) &&
        near(J, 0.562, 0.005) &&
        near(C, 1, 0.05),
    ),
  }),

  exactly("multipliers on exact natural gradients, rates and gains swept", () => {
    const by = (rate: number, integral: number, proportional = 0, entropy = 0) =>
      end(path(lagrangianUpdate({ rate, gains: { integral, proportional }, entropy }), 500));
    const gains = { integral: 0.01, proportional: 0.1, derivative: 0.5 };
    const rises = path(lagrangianUpdate({ rate: 5, gains }), 500).costs[0].subarray(250);
    return {
      alone: [1, 2, 5].flatMap((rate) => [0.003, 0.01, 0.03].map((integral) => by(rate, integral).spread)),
      damped: [1, 2, 5].map((rate) => by(rate, 0.01, 0.1)),
      entropic: by(5, 0.01, 0, 0.02),
      large: by(5, 0.01, 0.5).spread,
      least: rises.reduce((a, b) => Math.min(a, b)),
      greatest: rises.reduce((a, b) => Math.max(a, b)),
    };
  }).shows({
    "19/proportional-settles": every(
      ({ alone, damped, entropic, large, least, greatest }) =>
        alone.every((spread) => spread > 0.2) &&
        damped.every(({ C, J, spread, price }) => {
          return near(C, 1, 2e-3) && near(J, 0.562, 2e-3) && spread < 0.02 && near(price, 0.093, 2e-3);
        }) &&
        near(entropic.C, 1, 5e-3) &&
        entropic.J < 0.53 &&
        entropic.spread < 0.02 &&
        large > 0.2 &&
        least < 0.6 &&
        greatest > 0.9,
    ),
  }),

  exactly("a logarithmic price, rates swept", () => {
    const settles = (by: "mirror" | "gradient", logarithmic: number) => {
      const { C, spread } = end(path(lagrangianUpdate({ rate: 5, gains: { logarithmic, start: 0.01, by } }), 500));
      return near(C, 1, 0.05) && spread < 0.05;
    };
    return {
      mirror: [0.01, 0.03, 0.1].map((eta) => settles("mirror", eta)),
      gradient: [0.1, 1].map((eta) => settles("gradient", eta)),
    };
  }).shows({
    "19/a-logarithm-does-not-damp": every(({ mirror, gradient }) => ![...mirror, ...gradient].some((x) => x)),
  }),

  exactly("constrained policy optimisation with both signs", () => {
    const short = soften(optimalPolicy(mdp).policy);
    const wrong = (start?: Float64Array) => end(path(cpoUpdate({ step: mixedSignsCpoStep }), 60, start));
    const right = (start?: Float64Array) => end(path(cpoUpdate(), 60, start));
    return {
      right: [right(), right(short)],
      wrong: [wrong(), wrong(short)],
      at20: end(path(cpoUpdate(), 20)),
    };
  }).shows({
    "19/the-sign-decides": every(
      ({ right, wrong, at20 }) =>
        right.every(({ J, C }) => near(C, 1, 2e-3) && near(J, 0.562, 2e-3)) &&
        wrong.every(({ C, above }) => C > 1.1 && above === 61) &&
        near(at20.J, 0.562, 5e-3) &&
        at20.above > 5,
    ),
  }),

  exactly("seven ways", async () => {
    const shy = soften((await under(0.02)).policy);
    return {
      cpo: end(path(cpoUpdate(), 150)),
      kl: end(path(pcpoUpdate(), 150)),
      logits: end(path(pcpoUpdate({ metric: "l2" }), 150)),
      steered: end(path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01, proportional: 0.1 } }), 150)),
      focops: end(path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01 } }), 150)),
      ipo: end(path(ipoUpdate({ rate: 5, sharpness: 20 }), 150, shy)),
      crpo: [0.1, 0.3, 1, 3].map((rate) => end(path(crpoUpdate({ rate }), 150))),
    };
  }).shows({
    "19/seven-ways": every(
      ({ cpo, kl, logits, steered, focops, ipo, crpo }) =>
        near(cpo.J, 0.562, 1e-3) &&
        near(kl.J, 0.562, 1e-3) &&
        near(steered.J, 0.562, 2e-3) &&
        near(logits.C, 1, 1e-3) &&
        logits.J < 0.4 &&
        near(0.562 - ipo.J, 1 / 20, 5e-3) &&
        ipo.above === 0 &&
        focops.spread > 0.5 &&
        crpo.every(({ J }) => J < 0.55) &&
        Math.max(...crpo.map(({ J }) => J)) - Math.min(...crpo.map(({ J }) => J)) > 0.01,
    ),
  }),

  exactly("two limits at once", async () => {
    const reserve = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "..nnn..", "..nnn.."] });
    const [shoals, nature] = [
      { cost: reserve.cost, atMost: 0.5 },
      { cost: reserve.onArriving({ n: 1 }), atMost: 0.5 },
    ];
    const by = (update: SafeUpdate, iterations: number, start?: ArrayLike<number>) => {
      const found = policyPath(reserve.mdp, [shoals, nature], update, { iterations, start });
      return {
        J: last(found.values),
        C: found.costs.map(last),
        prices: found.multipliers.map(last),
        spread: found.costs.map((own) => standardDeviation(own.subarray(iterations / 2))),
        most: Math.max(...found.costs.map((own) => own.reduce((a, b) => Math.max(a, b)))),
      };
    };
    const inside = await constrainedOptimum(
      reserve.mdp,
      [shoals, nature].map((limit) => ({ ...limit, atMost: 0.1 })),
    );
    const corner = await constrainedOptimum(reserve.mdp, [shoals, nature]);
    const alone: number[] = [];
    for (const limit of [shoals, nature]) alone.push((await constrainedOptimum(reserve.mdp, [limit])).value);
    return {
      corner: { J: corner.value, prices: Array.from(corner.multipliers) },
      alone,
      cpo: by(cpoUpdate(), 150),
      kl: by(pcpoUpdate(), 150),
      // The last are those of the lesson.
      steered: [
        [1, 1],
        [2, 1],
        [2, 0.5],
      ].map(([rate, proportional]) => by(lagrangianUpdate({ rate, gains: { integral: 0.05, proportional } }), 600)),
      focops: [1, 2, 5].map((rate) => by(lagrangianUpdate({ rate, gains: { integral: 0.05 } }), 600)),
      ipo: by(ipoUpdate({ rate: 1, sharpness: 20 }), 300, soften(inside.policy)),
    };
  }).shows({
    "19/two-limits": every(({ corner, alone, cpo, kl, steered, focops, ipo }) => {
      const there = ({ J, C }: typeof cpo) => near(J, corner.J, 1e-3) && C.every((own) => near(own, 0.5, 1e-3));
      return (
        there(cpo) &&
        there(kl) &&
        steered.every((own) => there(own) && own.prices.every((price, k) => near(price, corner.prices[k], 5e-3))) &&
        focops.every(({ spread }) => spread.every((own) => own > 0.1)) &&
        ipo.most < 0.5 &&
        near(corner.J - ipo.J, 2 / 20, 5e-3) &&
        corner.prices[0] > 5 * 0.093 &&
        corner.prices[1] > 2 * 0.093 &&
        alone.every((J) => J > corner.J + 0.05)
      );
    }),
  }),

  exactly("logarithms of the price of a word", () => {
    const tight = text(0.2);
    const most = dualAscentLimit(tight);
    const star = constraintMultiplier(tight);
    const needed = (rate: number, step: (price: number, cost: number, rate: number) => number) => {
      let price = 0.01;
      let lastOut = 0;
      for (let t = 1; t <= 400; t++) {
        const seen = chargedOptimum(tight, price).cost;
        if (Math.abs(seen - 0.2) > 0.002) lastOut = t;
        price = step(price, seen, rate);
      }
      return lastOut;
    };
    const plain = (price: number, cost: number, rate: number) => dualStep(price, { cost, limit: 0.2, rate });
    const log = (by: "mirror" | "gradient") => (price: number, cost: number, rate: number) =>
      logDualStep(price, { cost, limit: 0.2, rate, by });
    const swept = (scale: number, step: typeof plain) =>
      [0.1, 0.3, 0.5, 0.7, 0.9, 1.1].map((share) => needed((share * most) / scale, step));
    return { plain: swept(1, plain), mirror: swept(star, log("mirror")), gradient: swept(star ** 2, log("gradient")) };
  }).shows({
    "19/the-logarithm-begins-slowly": every((steps) => {
      const best = (own: number[]) => Math.min(...own);
      const { plain, mirror, gradient } = steps;
      return (
        best(gradient) > 10 * best(plain) &&
        best(gradient) > 10 * best(mirror) &&
        // Just below the limit all settle, above it none.
        [plain, mirror, gradient].every((own) => own[4] < 200 && own[5] === 400)
      );
    }),
  }),

  exactly("the price of text", () => {
    const at = (share: number, beta: number) => {
      const tight = text(0.2, beta);
      const { costs } = dualAscent(tight, { rate: share * dualAscentLimit(tight), steps: 120 });
      return Math.abs(costs[119] - 0.2) + Math.abs(costs[120] - 0.2);
    };
    const divided = [0.05, 0.2].map((limit) => ({
      divided: worth(dividedOptimum(text(limit)).logProbs),
      best: worth(chargedOptimum(text(limit), constraintMultiplier(text(limit))).logProbs),
    }));
    // Almost without a KL: how much is written of the best replies with one "very", and with none.
    const rigid = text(0.5, 0.01);
    const price = constraintMultiplier(rigid);
    const { logProbs } = chargedOptimum(rigid, price);
    const written = (very: number, utilityOf: number) =>
      logProbs.reduce((sum, log, y) => {
        return sum + (flattery[y] === very && Math.abs(utility[y] - utilityOf) < 1e-9 ? Math.exp(log) : 0);
      }, 0);
    const coin = { flattering: written(1, 3.5), plain: written(0, 3), price };
    return {
      below: [0.1, 0.3].map((beta) => at(0.95, beta)),
      above: [0.1, 0.3].map((beta) => at(1.1, beta)),
      divided,
      coin,
    };
  }).shows({
    "19/kl-makes-it-smooth": every(({ below, above }) => below.every((x) => x < 5e-3) && above.every((x) => x > 0.05)),
    "19/dividing-is-another-beta": every(
      ({ divided, coin }) =>
        divided.every((of) => of.divided < of.best - 0.4) &&
        near(divided[0].divided / divided[0].best, 0.49, 0.02) &&
        near(coin.flattering, 0.5, 0.01) &&
        near(coin.plain, 0.5, 0.01) &&
        near(coin.price, 0.5, 0.01),
    ),
  }),

  experiment("dual ascent from batches of 32", {
    keys: 12,
    run: (key) => {
      const { costs } = sampledDualAscent(key, text(0.2), { rate: 0.5, steps: 160, batch: 32 });
      const late = Array.from(costs.subarray(40));
      return { mean: meanOf(late), above: late.filter((c) => c > 0.2).length / late.length };
    },
  }).shows({
    "19/half-the-time-above": both(
      mean((run) => run.mean, { between: [0.19, 0.21] }),
      mean((run) => run.above, { between: [0.4, 0.6] }),
    ),
  }),

  experiment("harm learned from labels", {
    keys: 12,
    run: (key) => {
      const at = (labels: number, features: "words" | "pairs", pessimism = 0) =>
        learnedCostTrial(key, task, { labels, features, pessimism }).harm;
      return {
        words: [100, 400, 2000].map((labels) => at(labels, "words")),
        sure: [100, 2000].map((labels) => at(labels, "words", 2)),
        pairs: [400, 2000].map((labels) => at(labels, "pairs")),
        careful: [400, 2000].map((labels) => at(labels, "pairs", 1)),
      };
    },
  }).shows({
    "19/blind-spots-are-found": both(
      every(({ words }) => words[2] > 0.15),
      mean(({ words }) => words[2], { between: [0.175, 0.205] }),
      every(({ sure }) => sure[0] < 0.15),
      share(({ sure }) => sure[1] > 0.15, { between: [0.25, 0.75] }),
      mean(({ pairs }) => pairs[1], { between: [0.14, 0.16] }),
      every(({ careful }) => careful.every((harm) => harm < 0.15)),
    ),
  }),

  experiment("PPO-Lagrangian on a transformer", {
    keys: [11, 12, 13, 14, 15, 16, 17, 18], // others than the two that were looked at first
    few: "transformer",
    run: async (key) => {
      const [pupilKey, rewardKey, costKey, trainKey] = split(key, 4);
      const pupil = await study.imitate(pupilKey);
      const reward = learnReward(replies, compareReplies(rewardKey, replies, 1000)).reward;
      const modelled = fitHarmModel(costKey, task, { labels: 2000, features: "pairs" }).cost;
      const own = { logRef: pupil.logProbs, reward, cost: modelled, beta: 0.3, limit: 0.15 };
      const gains = { proportional: 2, integral: 0.2 };
      const options = { reward, cost: modelled, limit: 0.15, beta: 0.3, iterations: 120, gains };
      const run = await study.run(trainKey, pupil.params, options);
      disposeTree(pupil.params);
      const objective = (logProbs: Float64Array) =>
        exactExpectation(logProbs, reward) - 0.3 * exactKL(logProbs, pupil.logProbs);
      const late = run.batchCosts.slice(60);
      return {
        late: meanOf(late),
        spread: standardDeviation(late),
        ends: exactExpectation(run.logProbs, modelled),
        free: chargedOptimum(own, 0).cost,
        gap: objective(chargedOptimum(own, constraintMultiplier(own)).logProbs) - objective(run.logProbs),
      };
    },
  }).shows({
    "19/ppo-lagrangian": both(
      mean(({ free }) => free, { above: 0.16 }),
      every(({ free, late }) => (free > 0.2 ? Math.abs(late - 0.15) < 0.04 : late < 0.19)),
      share(({ free }) => free > 0.2, { between: [0.5, 1] }),
      mean(({ gap }) => gap, { between: [0, 0.15] }),
      every(({ spread }) => spread > 0.015),
    ),
  }),

  experiment("learning while safe", {
    keys: 10,
    run: (key) => {
      const clinic = { rewards: [0.3, 0.6, 0.9], costs: [0.05, 0.3, 0.6], limit: 0.2, safe: 0 };
      const by = (belief: "optimistic" | "plug-in" | "pessimistic") => {
        const { violation, regret } = safeBanditRun(key, clinic, { rounds: 4000, belief });
        return { violation: last(violation), regret: last(regret) };
      };
      return { optimistic: by("optimistic"), plugIn: by("plug-in"), pessimistic: by("pessimistic") };
    },
  }).shows({
    "19/pessimists-break-nothing": both(
      every(({ pessimistic }) => pessimistic.violation === 0 && pessimistic.regret > 100),
      every(({ optimistic }) => optimistic.violation > 100 && optimistic.regret < -100),
      every(({ plugIn, optimistic }) => plugIn.violation > 0 && plugIn.violation < optimistic.violation),
    ),
  }),

  experiment("an interval of 93 samples", {
    keys: 20,
    run: (key) => {
      let broken = 0;
      for (let run = 0; run < 2000; run++) {
        const u = uniform(foldIn(key, run), 93);
        const held = u.reduce((a, b) => Math.max(a, b)) - u.reduce((a, b) => Math.min(a, b));
        if (1 - held > 0.05) broken++;
      }
      return broken / 2000;
    },
  }).shows({
    "19/scenarios": mean((broken) => broken, {
      between: [scenarioRisk({ samples: 93, dimensions: 2, epsilon: 0.05 }) - 0.004, 0.054],
    }),
  }),
];
