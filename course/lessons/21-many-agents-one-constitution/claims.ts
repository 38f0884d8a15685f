// What lesson 21 says its experiments show. Most of it is enumeration; what is drawn is held over keys.
import {
  type Attack,
  aggregators,
  completeGraph,
  consensusPath,
  consensusRate,
  constantLie,
  coordinateMedian,
  enforcementGame,
  equilibriumOfLying,
  fedAvgFixedPoint,
  federatedFit,
  federatedPreferences,
  flatMajority,
  graphRobustness,
  innerProductAttack,
  littleIsEnough,
  majorityTree,
  meanAggregate,
  medianRule,
  medianWithPhantoms,
  metropolisWeights,
  noisyBestReplies,
  pricesOfAnarchy,
  profitableLies,
  pureNashEquilibria,
  randomSignalling,
  replicatorWithMutation,
  ringGraph,
  signallingFlow,
  signallingSuccess,
  singlePeakedOrders,
  strategyProofRules,
  traitorViolations,
  trimmedMean,
  twoCliques,
  vcg,
  welfare,
  wmsrPath,
} from "rlhf-lab/agents";
import { permutations } from "rlhf-lab/preferences";
import { normal, split, uniform } from "rlhf-lab/random";
import { fiveAgents, fiveAgentsKept, fiveAgentsPeaks } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean } from "../../../scripts/claims/claim.js";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const opinions = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9];
const grid = Array.from({ length: 11 }, (_, i) => i / 10);

const servers = aggregators(3);
type Server = keyof typeof servers;

export default [
  exactly("the game of standards", () =>
    [1, 1.5, 2, 3].map((gamma) => {
      const game = fiveAgents({ gamma, lambda: 0.6 });
      const found = pureNashEquilibria(game).map((profile) => profile.join(""));
      return { anarchy: pricesOfAnarchy(game).anarchy, found: found.sort().join(" ") };
    }),
  ).shows({
    "21/lock-in-does-not-show": every(
      (path) =>
        path.every(({ found }) => found === "00000 11111 22222") &&
        path.slice(1).every(({ anarchy }, i) => anarchy < path[i].anarchy) &&
        path[3].anarchy < 1.07,
    ),
  }),

  exactly("what to report of its equilibria", () => {
    const game = fiveAgents({ gamma: 1, lambda: 0.6 });
    return pureNashEquilibria(game).map((profile) => ({
      efficiency: welfare(game, profile) / pricesOfAnarchy(game).best,
      kept: fiveAgentsKept(profile),
    }));
  }).shows({
    "21/measures-part": every((found) => {
      const worst = found.reduce((a, b) => (b.kept < a.kept ? b : a));
      return worst.kept < 0.25 && worst.efficiency > 0.85;
    }),
  }),

  exactly("consensus", () => {
    const far = (x: ArrayLike<number>) => Math.hypot(...Array.from(x, (v) => v - average(opinions)));
    return [ringGraph(8), ringGraph(8, 2)].map((graph) => {
      const W = metropolisWeights(graph);
      const path = consensusPath(W, opinions, 40);
      return { rate: consensusRate(W), seen: far(path[31]) / far(path[30]) };
    });
  }).shows({
    "21/rates": every(
      (rings) => rings.every(({ rate, seen }) => Math.abs(rate - seen) < 2e-3) && rings[0].rate > rings[1].rate,
    ),
  }),

  exactly("W-MSR on four graphs", () => {
    const run = (graph: number[][]) => {
      const x = wmsrPath(opinions, graph, { F: 1, rounds: 300, lies: new Map([[7, 1]]) })[300];
      const honest = Array.from(x).slice(0, 7);
      return { spread: Math.max(...honest) - Math.min(...honest), top: Math.max(...honest) };
    };
    const still = wmsrPath(opinions, ringGraph(8), { F: 1, rounds: 300, lies: new Map([[7, 1]]) })[300];
    const camps = wmsrPath([0, 0, 0, 0, 1, 1, 1, 1], twoCliques(4), { F: 1, rounds: 300 })[300];
    return {
      complete: run(completeGraph(8)),
      wide: run(ringGraph(8, 2)),
      ring: run(ringGraph(8)),
      still: Array.from(still.slice(0, 7)),
      camps: Array.from(camps).join(""),
      robust: [completeGraph(8), ringGraph(8, 2), ringGraph(8), twoCliques(4)].map(graphRobustness).join(),
    };
  }).shows({
    "21/robust-graphs": every(
      ({ complete, wide, ring, still, camps, robust }) =>
        complete.spread < 1e-6 &&
        wide.spread < 1e-6 &&
        complete.top < 0.6 &&
        wide.top < 0.6 &&
        ring.spread > 0.4 &&
        still.slice(1).every((x, i) => x === opinions[i + 1]) &&
        Math.abs(still[0] - opinions[1]) < 1e-9 &&
        camps === "00001111" &&
        robust === "4,2,1,1",
    ),
  }),

  exactly("generals", () =>
    [
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 2],
    ].map(([n, traitors]) => traitorViolations(n, traitors).violations),
  ).shows({
    "21/more-than-three-times": every(([three, four, five, six]) => three > 0 && four === 0 && five === 0 && six > 0),
  }),

  exactly("strategy-proof rules", () => {
    const orders = permutations(3);
    const { rules } = strategyProofRules(orders, { onto: true });
    const dictators = rules.filter((rule) =>
      [0, 1].some((voter) => rule.every((chosen, p) => chosen === orders[voter === 0 ? p % 6 : Math.floor(p / 6)][0])),
    );
    // Are the rules found the medians of the two peaks and one phantom, each once? Profiles in base `orders`.
    const medians = [3, 4].map((m) => {
      const lines = singlePeakedOrders(m);
      const top = (p: number) => [lines[p % lines.length][0], lines[Math.floor(p / lines.length)][0]];
      const byPhantom = Array.from({ length: m }, (_, phantom) =>
        Array.from({ length: lines.length ** 2 }, (_, p) => medianWithPhantoms(top(p), [phantom])).join(),
      );
      const seen = strategyProofRules(lines, { onto: true, anonymous: true }).rules.map((rule) => rule.join());
      return byPhantom.sort().join(" ") === seen.sort().join(" ");
    });
    return {
      medians,
      rules: rules.length,
      dictators: dictators.length,
      three: strategyProofRules(singlePeakedOrders(3), { onto: true, anonymous: true }).rules.length,
      four: strategyProofRules(singlePeakedOrders(4), { onto: true, anonymous: true }).rules.length,
    };
  }).shows({
    "21/two-dictators": every(
      ({ medians, rules, dictators, three, four }) =>
        medians.every(Boolean) && rules === 2 && dictators === 2 && three === 3 && four === 4,
    ),
  }),

  exactly("lies on a line", () => {
    const trimmed = (p: readonly number[]) => average([...p].sort((a, b) => a - b).slice(1, -1));
    return {
      lies: [average, trimmed, medianRule].map((rule) => profitableLies(rule, fiveAgentsPeaks, grid).length),
      lied: equilibriumOfLying(average, fiveAgentsPeaks, grid),
      median: equilibriumOfLying(medianRule, fiveAgentsPeaks, grid).reports.join(),
    };
  }).shows({
    "21/lies-on-a-line": every(
      ({ lies, lied, median }) =>
        lies[0] > lies[1] &&
        lies[1] > 0 &&
        lies[2] === 0 &&
        lied.reports.every((r) => r === 0 || r === 1) &&
        Math.abs(lied.outcome - average(fiveAgentsPeaks)) > 0.05 &&
        median === fiveAgentsPeaks.join(),
    ),
  }),

  experiment("lies to a sum and to VCG", {
    keys: 10,
    run: (key) => {
      let [sum, paid] = [0, 0];
      const lies = Array.from({ length: 216 }, (_, code) => [
        code % 6,
        Math.floor(code / 6) % 6,
        Math.floor(code / 36),
      ]);
      for (const k of split(key, 40)) {
        const u = uniform(k, 9);
        const game = [0, 1, 2].map((i) => Array.from(u.slice(3 * i, 3 * i + 3), (x) => Math.floor(6 * x)));
        const worth = (said: number[][], pay: boolean) => {
          const { option, payments } = vcg(said);
          return game[0][option] - (pay ? payments[0] : 0);
        };
        const gains = (pay: boolean) =>
          lies.some((lie) => worth([lie, game[1], game[2]], pay) > worth(game, pay) + 1e-9);
        sum += gains(false) ? 1 / 40 : 0;
        paid += gains(true) ? 1 / 40 : 0;
      }
      return { sum, paid };
    },
  }).shows({
    "21/payments-buy-honesty": both(
      every(({ paid }) => paid === 0),
      mean(({ sum }) => sum, { above: 0.15 }),
    ),
  }),

  exactly("a minority of eleven", () => {
    const wishes = (m: number) => Array.from({ length: 11 }, (_, i) => [i < m ? 0 : 1]);
    return [1, 3, 5].map((m) => ({
      mean: meanAggregate(wishes(m))[0],
      trimmed: trimmedMean(wishes(m), 3)[0],
      median: coordinateMedian(wishes(m))[0],
    }));
  }).shows({
    "21/deaf": every(
      ([one, three, five]) =>
        one.median === 1 &&
        five.median === 1 &&
        three.trimmed === 1 &&
        five.trimmed < 1 &&
        one.mean < 1 &&
        five.mean < 0.6,
    ),
  }),

  experiment("federated preferences under attack", {
    keys: 10,
    run: (key) => {
      const [kShout, kWorld, kApart] = split(key, 3);
      const shout = constantLie(normal(kShout, 10).map((x) => 50 * x));
      const attacks: Record<string, Attack | undefined> = {
        nobody: undefined,
        shout,
        turned: innerProductAttack(3),
        little: littleIsEnough(1.2),
      };
      const missed = (apart: number, attack: Attack | undefined, server: Server, rounds = 100) => {
        const world = federatedPreferences(apart > 0 ? kApart : kWorld, { apart });
        const options = {
          aggregate: servers[server],
          rounds,
          ...(attack ? { attack: { attack, clients: 3 } } : {}),
        };
        return Math.hypot(...federatedFit(world, options).map((x, j) => x - world.optimum[j]));
      };
      // Turned round, the mean is a fifth of itself: it needs five times as many rounds.
      const row = (name: string) =>
        Object.fromEntries(
          (Object.keys(servers) as Server[]).map((server) => [
            server,
            missed(0, attacks[name], server, name === "turned" ? 500 : 100),
          ]),
        ) as Record<Server, number>;
      return {
        nobody: row("nobody"),
        shout: row("shout"),
        turned: row("turned"),
        little: row("little"),
        apart: { krum: missed(1, undefined, "Krum"), mean: missed(1, undefined, "mean") },
      };
    },
  }).shows({
    "21/which-server": both(
      every(
        ({ shout }) =>
          shout.mean > 10 && shout.median < 1 && shout["trimmed mean"] < 1 && shout["geometric median"] < 1,
      ),
      mean(({ turned }) => turned.mean - Math.min(turned.median, turned["trimmed mean"], turned.Krum), { below: 0 }),
      mean(({ little }) => little.mean - Math.min(little.median, little["trimmed mean"], little.Krum), { below: 0 }),
      mean(({ turned }) => turned.mean - turned["geometric median"], { below: 0 }),
      mean(({ little }) => little.mean - little["geometric median"], { below: 0 }),
      every(({ nobody }) => nobody.mean < 0.05 && nobody.Krum > 0.2),
      mean(({ apart }) => apart.krum, { above: 1 }),
    ),
  }),

  exactly("drift of federated averaging", () =>
    [1, 5, 20, 100].map((localSteps) =>
      fedAvgFixedPoint({ curvatures: [1, 10], optima: [0, 1], rate: 0.05, localSteps }),
    ),
  ).shows({
    "21/drift": every(
      (path) =>
        Math.abs(path[0] - 10 / 11) < 1e-12 &&
        path.slice(1).every((x, i) => x < path[i]) &&
        Math.abs(path[3] - 0.5) < 0.01,
    ),
  }),

  exactly("enforcement", () => {
    const run = (second: boolean) =>
      replicatorWithMutation(enforcementGame({ second }), [0.05, 0.05, 0.9], { steps: 12000 });
    const [plain, kept] = [run(false), run(true)];
    return {
      early: Array.from(plain[1000]),
      middle: Array.from(plain[6000]),
      end: Array.from(plain[12000]),
      kept: Array.from(kept[12000]),
    };
  }).shows({
    "21/enforcement-erodes": every(
      ({ early, middle, end, kept }) =>
        early[1] < 0.01 && middle[1] < 0.05 && middle[2] < early[2] - 0.1 && end[1] > 0.99 && kept[2] > 0.99,
    ),
  }),

  exactly("small errors in a stag hunt", () =>
    [0.4, 0.2, 0.1, 0.05].map((error) =>
      noisyBestReplies(
        [
          [4, 0],
          [3, 3],
        ],
        10,
        error,
      ).reduce((sum, p, k) => sum + (p * k) / 10, 0),
    ),
  ).shows({
    "21/safe-standard": every((safe) => safe.slice(1).every((s, i) => s > safe[i]) && safe[3] > 0.95),
  }),

  experiment("codes from random beginnings", {
    keys: 10,
    run: (key) => {
      const perfect = (k: typeof key, N: number) => {
        const prior = Array.from({ length: N }, () => 1 / N);
        const ends = split(k, 40).map((one) =>
          signallingSuccess(signallingFlow(randomSignalling(one, N), prior), prior),
        );
        return ends.filter((s) => s > 0.99).length / 40;
      };
      const [two, three, four] = split(key, 3);
      return { two: perfect(two, 2), three: perfect(three, 3), four: perfect(four, 4) };
    },
  }).shows({
    "21/codes": both(
      every(({ two }) => two === 1),
      mean(({ three }) => three, { between: [0.82, 0.97] }),
      mean(({ four }) => four, { between: [0.68, 0.88] }),
    ),
  }),

  exactly("flat and tree", () =>
    [2, 3, 4, 8].map((depth) => ({
      flat: flatMajority(3 ** depth, 0.6),
      tree: majorityTree(0.6, depth),
      faction: (2 / 3) ** depth,
    })),
  ).shows({
    "21/trees-lose": every((path) => path.every(({ flat, tree }) => flat > tree) && path[3].faction < 0.05),
  }),
];
