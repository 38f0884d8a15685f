import type { Key } from "rlhf-lab";
import {
  assistancePlan,
  bayesianIrl,
  bestHumanRule,
  bestRobotReply,
  cirlOneShot,
  cirlValue,
  demonstrate,
  demonstratedOccupancy,
  expectationsUnder,
  featureExpectations,
  identifiability,
  inverseRewardDesign,
  iteratedBestResponse,
  maxEntIrl,
  noisyIncentive,
  offSwitchThreshold,
  rationalIncentive,
  rewardsExplaining,
  riskAverseChoice,
  softOptimum,
  tiedOptima,
  weightedReward,
} from "rlhf-lab/alignment";
import { optimalPolicy, policyReturn, uniformPolicy, withRewards } from "rlhf-lab/mdp";
import { categorical, foldIn, normal } from "rlhf-lab/random";
import {
  absentSupervisor,
  boatRace,
  carefulWay,
  goalAndLava,
  interruptibility,
  lavaDetour,
  paperclipsAndStaples,
  pieKitchen,
  sideEffectPenalty,
  sokoban,
  tomatoWatering,
} from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const grid = goalAndLava();
const truth = [2, -1.5, 0];
const reward = weightedReward(grid.features, truth);
const expert = softOptimum(withRewards(grid.mdp, reward), { temperature: 1 });
const shown = (key: Key, episodes: number, steps: number) =>
  Array.from({ length: episodes }, (_, i) => demonstrate(foldIn(key, i), grid.mdp, expert.policy, steps));
const fitted = (key: Key, episodes: number, steps: number) => {
  const seen = expectationsUnder(demonstratedOccupancy(grid.mdp, shown(key, episodes, steps)), grid.features);
  return Array.from(maxEntIrl(grid.mdp, grid.features, seen, { rate: 5, steps: 60, tolerance: 1e-3 }).weights);
};
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
const shaken = (key: Key, size: number) => {
  const value = normal(key, 16).map((z, s) => expert.value[s] + size * z);
  return rewardsExplaining(grid.mdp, expert.logPolicy, value);
};
const at = (discount: number, slip: number) => goalAndLava({ discount, slip }).mdp;
const abroad = withRewards(at(0.9, 0.3), reward);
const best = policyReturn(abroad, optimalPolicy(abroad).policy);
const chance = policyReturn(abroad, uniformPolicy(abroad));
const transferred = (own: Float64Array) =>
  (policyReturn(abroad, optimalPolicy(withRewards(abroad, own)).policy) - chance) / (best - chance);

const goals = [0, 1, 2, 3, 4];
const lavas = [0, -0.75, -1.5, -2.25, -3];
const candidates = lavas.flatMap((lava) => goals.map((goal) => weightedReward(grid.features, [goal, lava, 0])));
const detour = lavaDetour();
const lavaOf = (posterior: Float64Array, j: number) =>
  [-2, -1, 0, 1, 2].map((v) => posterior.reduce((sum, p, i) => sum + (detour.weights[i][j] === v ? p : 0), 0));
const meant = inverseRewardDesign({ weights: detour.weights, counts: detour.counts, chosen: detour.proxy, beta: 1 });

export default [
  exactly("the boat race, 100 moves", () => {
    const { mdp, utility } = boatRace();
    const whole = tiedOptima(mdp, utility, { horizon: 100, discount: 1 });
    const others = [0.5, 0.9, 0.99].map((discount) => {
      const tied = tiedOptima(mdp, utility, { horizon: 100, discount });
      return tied.best - tied.worst;
    });
    return { reward: whole.reward, best: whole.best, worst: whole.worst, most: whole.utility, others };
  }).shows({
    "15/tied-optima": every(
      ({ reward, best, worst, most, others }) =>
        reward === 50 && best === 100 && worst === 0 && most === 100 && others.every((gap) => gap > 0.5),
    ),
  }),

  exactly("four worlds in which no optimum is best for people", () =>
    [tomatoWatering(), absentSupervisor(), sokoban(), interruptibility()].map(({ mdp, utility }) => {
      const tied = tiedOptima(mdp, utility, { horizon: 100, discount: 1 });
      return { best: tied.best, most: tied.utility };
    }),
  ).shows({ "15/five-worlds": every((worlds) => worlds.every(({ best, most }) => best < most - 1)) }),

  exactly("gradient ascent on exact expectations", () => {
    const wanted = featureExpectations(grid.mdp, expert.policy, grid.features);
    return Array.from(maxEntIrl(grid.mdp, grid.features, wanted, { rate: 5 }).weights);
  }).shows({
    "15/finds-the-weights": every(
      ([goal, lava, step]) => Math.abs(goal - 2) < 1e-4 && Math.abs(lava + 1.5) < 1e-4 && Math.abs(step) < 1e-9,
    ),
  }),

  experiment("weights from 64 episodes, whole and cut", {
    keys: 10,
    run: (key) => ({ whole: fitted(key, 64, 60), cut: fitted(key, 64, 20) }),
  }).shows({
    "15/whole-episodes-suffice": both(
      mean(({ whole }) => whole[0], { between: [1.85, 2.2] }),
      mean(({ whole }) => whole[1], { between: [-1.8, -1.2] }),
    ),
    "15/cut-episodes-mislead": mean(({ whole, cut }) => whole[0] - cut[0], { above: 0.25 }),
  }),

  experiment("values shaken by normal numbers of size 3", {
    keys: 20,
    run: (key) => {
      const own = shaken(key, 3);
      const policy = softOptimum(withRewards(grid.mdp, own), { temperature: 1 }).policy;
      return {
        reward: apart(own, reward),
        policy: apart(policy, expert.policy),
        little: transferred(shaken(key, 0.1)),
        much: transferred(own),
        most: transferred(shaken(key, 10)),
      };
    },
  }).shows({
    "15/same-policy-other-reward": every(({ reward, policy }) => reward > 3 && policy < 1e-12),
    "15/transfer-fails": both(
      every(({ little }) => little > 0.95),
      mean(({ much }) => much, { below: 0.6 }),
      mean(({ most }) => most, { below: 0.3 }),
      share(({ most }) => most < 0, { between: [0.2, 0.7] }),
    ),
  }),

  exactly("nullities", () => [
    identifiability([grid.mdp]).nullity,
    identifiability([grid.mdp, grid.mdp]).nullity,
    identifiability([grid.mdp, at(0.7, 0.1)]).nullity,
    identifiability([grid.mdp, at(0.9, 0.3)]).nullity,
    identifiability([grid.mdp], { stateOnly: true }).nullity,
  ]).shows({ "15/nullities": every((found) => found.join() === "16,16,1,1,1") }),

  experiment("beliefs about 25 rewards", {
    keys: 20,
    run: (key) => {
      const beliefs = [1, 5, 50].map((n) => bayesianIrl(grid.mdp, candidates, shown(key, n, 20)));
      const goal = (belief: Float64Array) => lavas.reduce((sum, _, i) => sum + belief[5 * i + 2], 0);
      const lava = (belief: Float64Array) => goals.reduce((sum, _, j) => sum + belief[10 + j], 0);
      const top = (temperature: number) => {
        const belief = bayesianIrl(grid.mdp, candidates, shown(key, 50, 20), { temperature });
        return belief.indexOf(belief.reduce((a, b) => Math.max(a, b)));
      };
      return {
        truth: beliefs.map((belief) => belief[12]),
        goal: beliefs.map(goal),
        lava: beliefs.map(lava),
        careful: goals[top(0.5) % 5],
        careless: goals[top(2) % 5],
      };
    },
  }).shows({
    "15/posterior-fills": both(
      mean(({ truth }) => truth[0], { below: 0.2 }),
      mean(({ truth }) => truth[2], { above: 0.6 }),
      mean(({ goal, lava }) => goal[1] - lava[1], { above: 0.05 }),
    ),
    "15/scale-absorbs-temperature": share(({ careful, careless }) => careful === 1 && careless === 4, {
      between: [0.8, 1],
    }),
  }),

  exactly("a designer's proxy, at four levels of care", () =>
    [0.1, 1, 5, 20].map((beta) => {
      const own = inverseRewardDesign({ weights: detour.weights, counts: detour.counts, chosen: detour.proxy, beta });
      return [...lavaOf(own, 3), ...lavaOf(own, 2)];
    }),
  ).shows({
    "15/lava-stays-unknown": every((levels) =>
      levels.every((shares) => shares.every((p) => Math.abs(p - 0.2) < 1e-12)),
    ),
  }),

  experiment("50 rewards drawn, three agents", {
    keys: 40,
    run: (key) => {
      const drawn = Array.from(categorical(key, meant.map(Math.log), 50), (i) => detour.weights[i]);
      const weights = [0, 1, 2, 3].map((j) => detour.weights.reduce((sum, w, i) => sum + meant[i] * w[j], 0));
      const careful = riskAverseChoice(detour.test.counts, drawn, { reference: detour.counts[detour.proxy] });
      const free = riskAverseChoice(detour.test.counts, drawn);
      const lava = (plan: number) => detour.test.counts[plan][3];
      return {
        literal: lava(detour.test.best(detour.weights[detour.proxy])),
        neutral: lava(detour.test.best(weights)),
        averse: lava(careful.plan),
        free: lava(free.plan),
      };
    },
  }).shows({
    "15/averse-crosses-none": both(
      every(({ literal, neutral, averse }) => literal === 3 && neutral === 3 && averse === 0),
      share(({ free }) => free > 0, { between: [0.5, 1] }),
    ),
  }),

  exactly("paperclips and staples", () => {
    const game = paperclipsAndStaples();
    const together = cirlOneShot(game);
    const each = Array.from(together.rule).flatMap((h, k) => (h === 1 ? [game.thetas[k]] : []));
    const knowing = game.payoff.reduce(
      (sum, rows, k) => sum + game.prior[k] * Math.max(...rows.flatMap((row) => Array.from(row))),
      0,
    );
    const path = iteratedBestResponse(game, { from: game.alone });
    return { value: together.value, low: each[0], high: each[each.length - 1], knowing, rounds: path.length - 1 };
  }).shows({
    "15/one-of-each": every(
      ({ value, low, high, knowing, rounds }) =>
        Math.abs(value - (92 - 2091 / 92)) < 1e-9 &&
        Math.abs(low - 41 / 92) < 0.001 &&
        Math.abs(high - 51 / 92) < 0.001 &&
        knowing - value < 0.01 &&
        rounds === 1,
    ),
  }),

  exactly("eleven mixes", () => {
    const game = paperclipsAndStaples({ mixes: 11 });
    const path = iteratedBestResponse(game, { from: game.alone });
    const settled = path[path.length - 1];
    const literal = bestRobotReply(game, game.alone);
    return {
      both: settled.value,
      neither: cirlValue(game, game.alone, literal),
      teaches: cirlValue(game, settled.rule, literal),
      bestTeacher: cirlValue(game, bestHumanRule(game, literal), literal),
      expects: cirlValue(game, game.alone, settled.reply),
      best: cirlOneShot(game).value,
    };
  }).shows({
    "15/teaching-needs-a-listener": every(
      ({ both, neither, teaches, expects, best }) =>
        both > teaches && teaches > neither && expects < neither && expects < teaches && best - both < 1e-9,
    ),
  }),

  exactly("the kitchen", () =>
    [0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1].map((clear) => ({
      plan: assistancePlan(pieKitchen({ clear })).value,
      first: assistancePlan(pieKitchen({ clear }), { learnFirst: true }).value,
    })),
  ).shows({
    "15/assist-beats-learn-first": every((all) =>
      all.every(({ plan, first }, i) => ([0, 1, 6].includes(i) ? Math.abs(plan - first) < 1e-9 : plan > first + 0.1)),
    ),
  }),

  exactly("the off-switch game", () => {
    const pairs = [0.1, 0.5, 1, 2, -0.7].flatMap((m) => [0.3, 1, 2].map((v) => [m, v]));
    return pairs.map(([m, v]) => {
      const edge = offSwitchThreshold(m, v);
      return {
        rational: rationalIncentive(m, v),
        below: noisyIncentive(m, v, 0.95 * edge),
        at: noisyIncentive(m, v, edge),
        above: noisyIncentive(m, v, 1.05 * edge),
        half: edge / offSwitchThreshold(m, v / 2),
      };
    });
  }).shows({
    "15/threshold": every((all) =>
      all.every(
        ({ rational, below, at, above, half }) =>
          rational > 0 && below > 0 && Math.abs(at) < 1e-12 && above < 0 && Math.abs(half - 4) < 1e-9,
      ),
    ),
  }),

  exactly("a switch in a corridor", () =>
    [4 / 142 - 0.001, 4 / 142 + 0.001, 0.5].map((hold) => {
      const world = interruptibility({ hold });
      return {
        short: world.walk("dllllldd".padEnd(100, "d")).reward,
        button: world.walk("ddduullllldd").reward,
        best: tiedOptima(world.mdp, world.utility, { horizon: 100, discount: 1 }).reward,
      };
    }),
  ).shows({
    "15/button-above-4-in-142": every(
      ([below, above, half]) =>
        below.short > below.button &&
        above.short < above.button &&
        Math.abs(half.short + 29) < 1e-9 &&
        [below, above, half].every(({ short, button, best }) => Math.abs(best - Math.max(short, button)) < 1e-9),
    ),
  }),

  experiment("careful agents in the box world", {
    keys: 10,
    run: (key) => {
      const prices = [0, 3, 5, 10, 20, 60, 100, 300, 1000];
      const of = (kind: "stepwise" | "start" | "attainable", discount: number) => {
        const penalty = sideEffectPenalty(key, { kind, discount });
        return prices.map((price) => carefulWay(penalty, price).utility);
      };
      return {
        near: of("stepwise", 0.9),
        reach: of("stepwise", 1),
        start: of("start", 1),
        short: of("attainable", 0.9),
        long: of("attainable", 0.99),
      };
    },
  }).shows({
    "15/three-regimes": every(({ near, reach, start }) => {
      const is = (got: number[], want: string) =>
        got.map((u) => (u === 0 ? "0" : u > 40 ? "s" : "u")).join("") === want;
      return is(near, "uuuusss00") && is(reach, "uusssss00") && is(start, "ussss0000");
    }),
    "15/discount-decides": both(
      every(({ short }) => short.every((u) => u < 40)),
      every(({ long }) => long.some((u) => u > 40)),
      share(({ long }) => long.filter((u) => u > 40).length >= 2, { between: [0.6, 1] }),
    ),
  }),

  exactly("ways in the box world", () => ({
    demonstrated: sokoban().walk("ldrdrrulddr").utility,
    other: sokoban().walk("ldrdrrd").utility,
    best: tiedOptima(sokoban().mdp, sokoban().utility, { horizon: 100, discount: 1 }).utility,
  })).shows({
    "15/better-than-the-demonstration": every(
      ({ demonstrated, other, best }) => demonstrated === 39 && other === 43 && best === 43,
    ),
  }),
];
