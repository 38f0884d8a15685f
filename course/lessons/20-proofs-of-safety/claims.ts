import { key as keyOf, linspace, split } from "rlhf-lab";
import { constrainedOptimum, optimalPolicy, policyReturn, randomMdp, withRewards } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { clopperPearsonUpper } from "rlhf-lab/numerics";
import { uniform } from "rlhf-lab/random";
import {
  brakeBeforeWall,
  certifyLevel,
  certifyRegion,
  checkLyapunov,
  cleanTrials,
  counterexampleLyapunov,
  countSpellings,
  cruiseControl,
  enclosingLyapunov,
  evaluateNetwork,
  exactShield,
  fallingLevel,
  forbiddenPhrases,
  gamblersChain,
  hitProbability,
  intervalBounds,
  largestSlack,
  latticeOf,
  linearBounds,
  linearLevel,
  lyapunovPolicyIteration,
  maskedPolicy,
  type PendulumState,
  parabola,
  pendulum,
  reachabilityValue,
  smallestBarrier,
} from "rlhf-lab/safety";
import { critiqueReviseStudy, moodTablesConfig, phraseShield, textShield, trainMoodWriter } from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { isAccepted } from "rlhf-lab/tokenizers";
import { conditionalLogProbs, sequenceLogProbs } from "rlhf-lab/trees";
import {
  harshSmoothing,
  mostRaised,
  peekingStudy,
  phraseTask,
  phraseText,
  randomRelu,
  type ShieldedPolicy,
  shieldedPhrases,
  strait,
  straitLearner,
} from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const total = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

const task = phraseTask();
const freeTokens = conditionalLogProbs(task.tree, task.reference[0]);
const expected = (logProbs: Float64Array, of: (y: number) => number) =>
  total(logProbs.map((log, y) => (log > -1e9 ? Math.exp(log) * of(y) : 0)));

const sea = strait();
const costs = withRewards(sea.mdp, sea.cost);
const surest = optimalPolicy(
  withRewards(
    sea.mdp,
    sea.mdp.rewards.map((reward, pair) => reward - 1e4 * sea.cost[pair]),
  ),
).policy;

const world = pendulum();
const box = [1.2, 6] as const;
const inner = linearLevel(world);

let written: ReturnType<typeof trainMoodWriter> | undefined;
const writer = () => {
  written ??= trainMoodWriter(keyOf(11), {
    ...moodTablesConfig,
    pretrain: { steps: 120, rate: 6e-3 },
    tune: { steps: 20, rate: 1e-3 },
  });
  return written;
};

export default [
  exactly("never 'very bad', by enumeration", () => {
    const isSafe = task.tree.sequences.map((reply) => !phraseText(reply).includes("very bad"));
    const seen = shieldedPhrases(task, isSafe);
    const at = task.tree.sequences.findIndex((reply) => phraseText(reply) === "very good whale");
    const of = ({ logProbs, utility, unsafe }: ShieldedPolicy) => ({ says: Math.exp(logProbs[at]), utility, unsafe });
    return { free: of(seen.free), shielded: of(seen.conditioned), masked: of(seen.masked) };
  }).shows({
    "20/the-mask-flatters": every(
      ({ free, shielded, masked }) =>
        masked.says > 1.9 * free.says &&
        masked.says < 2 * free.says &&
        shielded.says < 1.25 * free.says &&
        masked.utility > shielded.utility &&
        shielded.utility > free.utility &&
        masked.unsafe === 0 &&
        shielded.unsafe === 0,
    ),
  }),

  exactly("the function 0, with and without the cost", () => {
    const policy = optimalPolicy(sea.mdp).policy;
    const zero = new Float64Array(sea.mdp.states);
    return {
      without: checkLyapunov(sea.mdp, new Float64Array(sea.cost.length), policy, zero, 1).length,
      with: checkLyapunov(sea.mdp, sea.cost, policy, zero, 1).length,
      cost: policyReturn(costs, policy),
    };
  }).shows({
    "20/no-cost-no-promise": every((seen) => seen.without === 0 && seen.with > 0 && Math.abs(seen.cost - 3) < 0.1),
  }),

  exactly("Lyapunov policy iteration on the strait", async () => {
    const options = { limit: 1, rounds: 40 };
    const path = lyapunovPolicyIteration(sea.mdp, sea.cost, surest, options);
    const slack = (base: Float64Array) => largestSlack(sea.mdp, sea.cost, base, 1);
    const stuck = lyapunovPolicyIteration(sea.mdp, sea.cost, surest, { ...options, slack });
    const best = await constrainedOptimum(sea.mdp, [{ cost: sea.cost, atMost: 1 }]);
    const half = await constrainedOptimum(sea.mdp, [{ cost: sea.cost, atMost: 0.5 }]);
    const other = lyapunovPolicyIteration(sea.mdp, sea.cost, half.policy, options);
    return {
      most: most(path.map(({ cost }) => cost)),
      begin: path[0].value,
      end: path[40].value,
      stuck: stuck[40].value,
      best: best.value,
      other: other[40].value,
    };
  }).shows({
    "20/greedy-slack-is-stuck": every(({ stuck, begin }) => Math.abs(stuck - begin) < 1e-6),
    "20/lyapunov-stops-short": every(
      ({ most: dearest, end, best, other }) =>
        dearest <= 1 + 1e-9 && end < best - 0.02 && other < best - 0.01 && Math.abs(other - end) > 0.02,
    ),
  }),

  experiment("Lyapunov policy iteration on random processes, and on the strait", {
    keys: 20,
    run: async (key) => {
      const [a, b] = split(key);
      const mdp = randomMdp(a, { states: 8, actions: 3, discount: 0.9 });
      const cost = uniform(b, 24);
      const careful = optimalPolicy(
        withRewards(
          mdp,
          cost.map((c) => -c),
        ),
      ).policy;
      const limit = policyReturn(withRewards(mdp, cost), careful) + 0.5;
      const path = lyapunovPolicyIteration(mdp, cost, careful, { limit, rounds: 20 });
      const best = await constrainedOptimum(mdp, [{ cost, atMost: limit }]);
      return {
        over: most(path.map((round) => round.cost)) - limit,
        gained: path[20].value - path[0].value,
        missing: best.value - path[20].value,
      };
    },
  }).shows({
    "20/lyapunov-never-crosses": both(
      every(({ over }) => over < 1e-9),
      every(({ missing }) => missing > -1e-7),
      mean(({ gained }) => gained, { above: 0 }),
      mean(({ missing }) => missing, { above: 0 }),
    ),
  }),

  exactly("a pendulum on grids", () => ({
    each: [50, 100, 200, 400].map((cells) => certifyLevel(world, world.P, { box, cells, inner }).level),
    one: [50, 100, 200, 400, 800].map(
      (cells) => certifyLevel(world, world.P, { box, cells, inner, bound: "box" }).level,
    ),
    falls: fallingLevel(world, world.P, { box, points: 601, inner }),
    inner,
  })).shows({
    "20/one-constant-proves-nothing": every(
      ({ each, one, falls, inner: linear }) =>
        one.every((level) => level === linear) &&
        each[3] > 0.9 * falls &&
        each[3] < falls &&
        each.every((level, i) => i === 0 || level > each[i - 1]),
    ),
  }),

  exactly("a quadratic from counterexamples", async () => {
    const grid = linspace(-1, 1, 61).flatMap((i) => linspace(-1, 1, 61).map((j): PendulumState => [1.2 * i, 6 * j]));
    const value = (P: readonly (readonly number[])[], [a, b]: PendulumState) =>
      P[0][0] * a * a + 2 * P[0][1] * a * b + P[1][1] * b * b;
    const { P } = await counterexampleLyapunov(
      world.step,
      grid.filter((x) => value(world.P, x) <= 2.2),
    );
    const home = grid.filter((from) => {
      let x = from;
      for (let t = 0; t < 200; t++) x = world.step(x);
      return Math.abs(x[0]) < 0.01;
    });
    return {
      own: certifyLevel(world, world.P, { box, cells: 400, inner }).area,
      found: certifyLevel(world, P, { box, cells: 400, inner: linearLevel(world, P) }).area,
      truth: (home.length / grid.length) * 4 * box[0] * box[1],
    };
  }).shows({
    "20/counterexamples-prove-more": every(
      ({ own, found, truth }) => found > 1.05 * own && truth > 3 * found && truth < 4 * found,
    ),
  }),

  exactly("polynomials asked for a large set", async () => {
    const grid = linspace(-1, 1, 61).flatMap((i) => linspace(-1, 1, 61).map((j): PendulumState => [1.2 * i, 6 * j]));
    const inBox = ([theta, omega]: PendulumState) => Math.abs(theta) <= box[0] && Math.abs(omega) <= box[1];
    const comesHome = (from: PendulumState) => {
      let x = from;
      for (let t = 0; t < 200 && inBox(x); t++) x = world.step(x);
      return inBox(x) && Math.abs(x[0]) < 0.01;
    };
    const [inside, outside] = [grid.filter(comesHome), grid.filter((x) => !comesHome(x))];
    const areas: number[] = [];
    let lost = 0;
    for (const degree of [2, 4, 6]) {
      const options = { degree, unit: box, least: 0.01 };
      const { V } = await enclosingLyapunov(world.step, { inside, outside }, options);
      const home = { P: world.P, level: inner };
      const { area, cells } = certifyRegion(world, V, { box, home, depth: 5 });
      areas.push(area);
      lost += cells.filter(([[theta], [omega]]) => !comesHome([theta, omega])).length;
    }
    const ellipse = grid.filter(
      ([a, b]) => world.P[0][0] * a * a + 2 * world.P[0][1] * a * b + world.P[1][1] * b * b <= 2.2,
    );
    const { P } = await counterexampleLyapunov(world.step, ellipse);
    return {
      areas,
      lost,
      margin: certifyLevel(world, P, { box, cells: 400, inner: linearLevel(world, P) }).area,
      truth: (inside.length / grid.length) * 4 * box[0] * box[1],
    };
  }).shows({
    "20/the-question-counts": every(
      ({ areas, margin }) => areas[0] > 3 * margin && areas[0] - margin > 5 * (areas[2] - areas[0]),
    ),
    "20/degree-proves-more": every(
      ({ areas, lost, truth }) =>
        lost === 0 &&
        areas[1] > areas[0] + 0.3 &&
        areas[2] > areas[1] + 0.1 &&
        truth - areas[2] < (truth - areas[0]) / 2 &&
        areas[2] > 0.95 * truth,
    ),
  }),

  exactly("cruise control and a wall", () => {
    const car = cruiseControl();
    const begin = { v: 20, z: 100 };
    const drive = (barrier: "headway" | "braking") => car.drive(begin, { barrier, kappa: 5, hold: 0.02, seconds: 20 });
    const held = { hold: 0.5, seconds: 20, barrier: "braking" } as const;
    const of = ({ infeasible, spare }: { infeasible: number; spare: readonly number[] }) => ({
      infeasible,
      spare: least(spare),
    });
    return {
      headway: of(drive("headway")),
      braking: of(drive("braking")),
      continuous: of(car.drive(begin, { ...held, kappa: 5 })),
      discrete: of(car.drive(begin, { ...held, kappa: 0.9, discrete: true })),
      slow: most(brakeBeforeWall({ rate: 1, seconds: 8 }).x),
      fast: most(brakeBeforeWall({ rate: 4, seconds: 8 }).x),
      strong: most(brakeBeforeWall({ rate: 4, seconds: 8, limit: Number.POSITIVE_INFINITY }).x),
    };
  }).shows({
    "20/know-the-brakes": every(
      ({ headway, braking }) =>
        headway.infeasible > 50 && headway.spare < -1.5 && braking.infeasible === 0 && braking.spare > -1e-6,
    ),
    "20/the-clock-counts": every(
      ({ continuous, discrete }) => continuous.spare < -1.5 && discrete.spare > -1e-9 && discrete.infeasible === 0,
    ),
    "20/rates-need-brakes": every(({ slow, fast, strong }) => slow <= 0 && fast > 0.4 && strong < 1e-9),
  }),

  exactly("the lattice against the parabola", () => {
    const lattice = latticeOf(0.1);
    const { values } = reachabilityValue(lattice);
    let differs = 0;
    for (let k = -lattice.speeds; k <= lattice.speeds; k++) {
      for (let i = -lattice.places; i <= lattice.places; i++) {
        const exact = parabola(lattice, i, k);
        const value = values[(k + lattice.speeds) * (2 * lattice.places + 1) + i + lattice.places];
        if (exact >= 0 ? value !== exact : value >= 0) differs++;
      }
    }
    return { differs };
  }).shows({ "20/kernel-is-the-parabola": every(({ differs }) => differs === 0) }),

  experiment("crews on the strait", {
    keys: 12,
    run: (key) => {
      const crew = (options: { penalty?: number; shield?: boolean }) => {
        const { shoals, curve } = straitLearner(key, { ...options, world: sea });
        return { shoals, end: curve[29] };
      };
      return {
        plain: crew({}),
        fine: crew({ penalty: 0.3 }),
        small: crew({ penalty: 0.05 }),
        shield: crew({ shield: true }),
      };
    },
  }).shows({
    "20/shield-meets-none": both(
      every(({ shield }) => shield.shoals === 0),
      every(({ fine }) => fine.shoals > 24 && fine.shoals < 200),
      mean(({ fine, small }) => small.shoals - fine.shoals, { between: [-10, 30] }),
      every(({ plain }) => plain.shoals > 1000),
      mean(({ shield }) => shield.end, { between: [0.38, 0.4103] }),
      mean(({ fine }) => fine.end, { between: [0.38, 0.4103] }),
      mean(({ plain }) => plain.end, { above: 0.5 }),
    ),
  }),

  exactly("barriers of a gambler", async () => {
    const bad = Array.from({ length: 21 }, (_, x) => (x === 20 ? 1 : 0));
    const gambler = gamblersChain(0.4, { start: 5, target: 20 });
    const bounds: number[] = [];
    for (const degree of [1, 6]) {
      const powers = Array.from({ length: degree + 1 }, (_, j) => bad.map((_, x) => (x / 20) ** j));
      bounds.push((await smallestBarrier(gambler, bad, powers)).bound);
    }
    const fair = gamblersChain(0.5, { start: 5, target: 20 });
    return {
      bounds,
      exact: hitProbability(gambler, bad)[5],
      free: (await smallestBarrier(gambler, bad)).bound,
      exponential: 1.5 ** -15,
      within: [50, 400].map((within) => hitProbability(fair, bad, { within })[5]),
    };
  }).shows({
    "20/degree-pays": every(
      ({ bounds, exact, free, exponential }) =>
        Math.abs(bounds[0] - 0.25) < 1e-6 &&
        bounds[1] < 2 * exact &&
        bounds[1] > exact &&
        exponential < (7 / 6) * exact &&
        Math.abs(free - exact) < 1e-7,
    ),
    "20/for-ever-or-until": every(
      ({ within }) =>
        within[0] < Math.exp(-225 / 100) &&
        Math.exp(-225 / 100) < 0.25 &&
        within[1] < 0.25 &&
        Math.exp(-225 / 800) > 0.25,
    ),
  }),

  exactly("clean trials, and a team that peeks", () => {
    const { interval, once, eValue } = peekingStudy();
    return {
      thousand: cleanTrials(0.001, 0.05),
      tenThousand: cleanTrials(0.0001, 0.05),
      tenThousandClean: clopperPearsonUpper(0, 10_000, 0.05),
      once: once.error,
      peeked: interval.error,
      evidence: eValue.error,
      median: eValue.median,
    };
  }).shows({
    "20/rule-of-three": every(
      ({ thousand, tenThousand, tenThousandClean }) =>
        thousand === 2995 && tenThousand === 29_956 && Math.abs(tenThousandClean - 3e-4) < 1e-5,
    ),
    "20/peeking": every(
      ({ once, peeked, evidence, median }) =>
        once < 0.05 && Math.abs(peeked - 0.19) < 0.01 && evidence < 0.05 && Math.abs(median - 700) < 50,
    ),
  }),

  experiment("bounds of random networks", {
    keys: 12,
    run: (key) => {
      const [net, where] = split(key);
      const network = randomRelu(net, [2, 10, 10, 10, 1]);
      const centre = Array.from(uniform(where, 2), (u) => 2 * u - 1);
      const at = (r: number) => {
        const around = { lower: centre.map((x) => x - r), upper: centre.map((x) => x + r) };
        const width = ({ lower, upper }: { lower: Float64Array; upper: Float64Array }) => upper[0] - lower[0];
        const answers = linspace(-r, r, 31).flatMap((a) =>
          linspace(-r, r, 31).map((b) => evaluateNetwork(network, [centre[0] + a, centre[1] + b])[0]),
        );
        const [intervals, linear] = [intervalBounds(network, around), linearBounds(network, around)];
        const sound = [intervals, linear].every(
          ({ lower, upper }) => lower[0] <= least(answers) + 1e-9 && upper[0] >= most(answers) - 1e-9,
        );
        const seen = most(answers) - least(answers);
        return { intervals: width(intervals) / seen, linear: width(linear) / seen, sound };
      };
      return { small: at(0.01), large: at(1) };
    },
  }).shows({
    "20/linear-bounds-are-tighter": both(
      every(({ small, large }) => small.sound && large.sound),
      every(({ small }) => small.linear < small.intervals),
      mean(({ small }) => Math.log(small.linear), { below: 0.3 }),
      mean(({ small }) => Math.log(small.intervals), { above: Math.log(2.5) }),
      mean(({ large }) => Math.log(large.linear), { above: Math.log(2.5) }),
    ),
  }),

  exactly("smoothing over all replies of seven words", () =>
    [1, 3, 5, 7].flatMap((kept) => [1, 2].map((changed) => ({ kept, changed, ...harshSmoothing({ kept, changed }) }))),
  ).shows({
    "20/smoothing-is-sound": every((cases) =>
      cases.every(
        ({ kept, certified, robust, unsound }) =>
          unsound === 0 &&
          (kept === 1 ? Math.abs(certified - robust) < 1e-12 : certified < robust) &&
          (kept === 7 ? certified === 0 : true),
      ),
    ),
  }),

  exactly("what a vote of single words calls harsh, over all replies of seven words", () => {
    // One of six words is good, one is bad; kinds of replies by how many of each they hold.
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    const kinds = Array.from({ length: 64 }, (_, i) => ({ good: Math.floor(i / 8), bad: i % 8 }))
      .filter(({ good, bad }) => good + bad <= 7)
      .map(({ good, bad }) => ({
        good,
        bad,
        probability: (choose(7, good) * choose(7 - good, bad) * 4 ** (7 - good - bad)) / 6 ** 7,
      }));
    const shareOf = (harsh: (kind: { good: number; bad: number }) => boolean) =>
      total(kinds.map((kind) => (harsh(kind) ? kind.probability : 0)));
    return { plain: shareOf(({ good, bad }) => bad > good), single: shareOf(({ bad }) => bad > 3.5) };
  }).shows({
    "20/stable-is-not-right": every(({ plain, single }) => single < 0.02 && Math.abs(plain - 0.37) < 0.005),
  }),

  exactly("ends, names the whale, not the sea", () => {
    const { tree, words } = task;
    const [END, WHALE, SEA] = ["<end>", "whale", "sea"].map((word) => (words as readonly string[]).indexOf(word));
    const ok = tree.sequences.map((reply) => reply.at(-1) === END && reply.includes(WHALE) && !reply.includes(SEA));
    const isWrong = (tokens: readonly number[]) =>
      tokens.includes(SEA) || (tokens.at(-1) === END && !tokens.includes(WHALE));
    const now = maskedPolicy(tree, freeTokens, { isWrong }).conditionals;
    const ahead = maskedPolicy(tree, freeTokens, { isSafe: ok }).conditionals;
    const exact = exactShield(tree, freeTokens, ok).conditionals;
    const broken = (table: Float64Array) => expected(sequenceLogProbs(tree, table), (y) => (ok[y] ? 0 : 1));
    return {
      now: broken(now),
      ahead: broken(ahead),
      exact: broken(exact),
      first: { ahead: Math.exp(ahead[WHALE]), exact: Math.exp(exact[WHALE]) },
    };
  }).shows({
    "20/room-runs-out": every(
      ({ now, ahead, exact, first }) =>
        Math.abs(now - 0.2415) < 1e-3 && ahead === 0 && exact === 0 && first.exact > 1.5 * first.ahead,
    ),
  }),

  exactly("spellings of kill", () => {
    const parts = ["k", "i", "l", "ki", "il", "ll", "kil", "ill", "kill"];
    const bytes = parts.map((part) => new TextEncoder().encode(part));
    const automaton = forbiddenPhrases(bytes, ["kill"]);
    // All token sequences of at most four tokens.
    let accepted = 0;
    const walk = (tokens: number[], text: string) => {
      if (text === "kill" && isAccepted(automaton, tokens)) accepted++;
      if (text.length < 4) for (const [v, part] of parts.entries()) walk([...tokens, v], text + part);
    };
    walk([], "");
    return {
      all: countSpellings(bytes, "kill"),
      left: countSpellings(bytes, "kill", [parts.indexOf("kill")]),
      accepted,
    };
  }).shows({ "20/seven-of-eight": every(({ all, left, accepted }) => all === 8 && left === 7 && accepted === 0) }),

  experiment("a transformer on the phrase task, by enumeration", {
    keys: 8,
    few: "transformer",
    run: async (key) => {
      const short = phraseTask({ length: 4 });
      const small = transformer({ vocabulary: 7, context: 5, width: 16, layers: 1, heads: 2 });
      const params = await critiqueReviseStudy(short, small).imitate(key);
      const { free, masked, conditioned, price } = phraseShield(short, small, params);
      const [raised] = mostRaised(short, { from: conditioned, to: masked }, 1);
      disposeTree(params);
      return {
        unsafe: [free.unsafe, masked.unsafe, conditioned.unsafe],
        price,
        raised: raised.reply,
      };
    },
  }).shows({
    "20/networks-flatter-too": both(
      every(({ unsafe }) => unsafe[0] > 0.05 && unsafe[1] === 0 && unsafe[2] === 0),
      every(({ price }) => price.masked > price.conditioned),
      every(({ raised }) => raised.startsWith("very good")),
    ),
  }),

  experiment("continuations of Moby Dick, one reader, many draws", {
    keys: 8,
    few: "transformer",
    run: async (key) => {
      const { wrong, instead } = textShield(key, await writer(), { n: 250 });
      return { ...wrong, name: instead.filter(({ free }) => /\bdick\b/i.test(free)).length };
    },
  }).shows({
    "20/none-in-two-thousand": both(
      every(({ masked }) => masked === 0),
      mean(({ free }) => free, { above: 0 }),
      share(({ name }) => name > 0, { between: [0.1, 1] }),
    ),
  }),
];
