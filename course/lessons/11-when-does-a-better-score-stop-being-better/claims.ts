// Lesson 11's sentences about results.
import { foldIn, key as keyOf, linspace, meanInterval } from "rlhf-lab";
import { occupancy, policyReturn, randomMdp } from "rlhf-lab/mdp";
import { exactExpectation, studentTCdf } from "rlhf-lab/numerics";
import { chiSquareDivergence, chiSquareOptimum, optimisers } from "rlhf-lab/policy";
import { normal, split } from "rlhf-lab/random";
import { bestOfNValue, correlatedProxyBound, extremalGain, fitOveroptimisation, hackability } from "rlhf-lab/rewards";
import {
  auditRun,
  compareReplies,
  detectionRun,
  fitPaths,
  learnedBestOfN,
  learnedPath,
  learnReward,
  mitigationRun,
  moodPanel,
  moodTablesRun,
  proxyWorld,
  trainMoodWriter,
} from "rlhf-lab/studies";
import { scoredOutcomes, workAndTrap } from "rlhf-lab/worlds";
import { both, type Demand, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const bag = proxyWorld("words");
const world = proxyWorld();
const { logRef, utility } = world;
const start = exactExpectation(logRef, utility);

/** The 95 % interval of a mean reaches 0: no gain was shown. */
function noGainShown<O>(value: (observation: O) => number): Demand<O> {
  return (observations) => {
    const { mean: centre, low, high } = meanInterval(observations.map(value));
    const seen = `mean ${centre.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}], n = ${observations.length}`;
    return { holds: low <= 0, seen, wanted: "an interval that reaches down to 0" };
  };
}

const ns = [1, 4, 16, 64, 256, 1024, 65536];
const { mdp: trap, policy: falls } = workAndTrap();

/** Section 3's mixture at t: its KL and E[X], X from t with 3 degrees. */
function mixture(t: number) {
  const [p, eps] = [studentTCdf(-t, 3), t ** -0.8];
  const above = ((2 / (Math.PI * Math.sqrt(3))) * (1 + t ** 2 / 3) ** -2 * (3 + t ** 2)) / 2;
  return {
    kl: eps * Math.log(eps / p) + (1 - eps) * Math.log((1 - eps) / (1 - p)),
    proxy: (eps / p - (1 - eps) / (1 - p)) * above,
  };
}

type Cures = ReturnType<typeof mitigationRun>;
type Tables = ReturnType<typeof moodTablesRun>["byPrompts"];

/**
 * Places among `pathBetas`, from 0, at or within two points of the peaks of the mean paths (the lesson's table prints
 * those of its thirty data sets, from 1): of the bag of words with up to 300 comparisons and of pairs, and of both with
 * 3,000. Set beforehand, so that no key's own luck picks its peak.
 */
const PLACE = { bag: 23, bag3000: 31, pairs: 22, pairs3000: 26 };

/** A transformer that has read the book, and its texts: made once, when first asked for. */
let written: Promise<{ writer: Awaited<ReturnType<typeof trainMoodWriter>>; panel: ReturnType<typeof moodPanel> }>;
function bookReader() {
  written ??= trainMoodWriter(keyOf(11)).then((writer) => ({ writer, panel: moodPanel(keyOf(12), writer) }));
  return written;
}

export default [
  exactly("closed forms", () => {
    const d = linspace(0.1, 3, 20);
    const parabola = fitOveroptimisation(
      d,
      d.map((v) => extremalGain(v, 0.25)),
      "bestOfN",
    );
    const home = occupancy(trap, falls(0.001));
    const away = occupancy(trap, falls(0.01));
    return {
      normal: bestOfNValue(ns, "normal"),
      laplace: bestOfNValue(ns, "laplace"),
      t5: bestOfNValue(ns, { degrees: 5 }),
      t3: bestOfNValue(ns, { degrees: 3 }),
      parabola: [parabola.alpha, parabola.beta],
      mixtures: [10, 1e3, 1e6].map(mixture),
      actionKl: (away[0] + away[1]) * (0.01 * Math.log(10) + 0.99 * Math.log(0.99 / 0.999)),
      chiSquare: chiSquareDivergence(away.map(Math.log), home.map(Math.log)),
      truth: 0.01 * policyReturn(trap, falls(0.01)),
    };
  }).shows({
    "11/noise-makes-no-hump": every(({ normal: values }) => values.every((v, i) => i === 0 || v > values[i - 1])),
    "11/a-parabola-is-gaos-form": every(
      ({ parabola: [a, b] }) => Math.abs(a - Math.SQRT2) < 1e-9 && Math.abs(b - 0.5) < 1e-9,
    ),
    "11/the-tail-decides": every(({ normal: values, laplace, t5, t3 }) => {
      const turned = (list: readonly number[]) => list[list.length - 1] < Math.max(...list) - 0.5;
      return values[6] > 3 && Math.abs(laplace[6] - Math.SQRT2) < 1e-3 && turned(t5) && turned(t3);
    }),
    "11/kl-promises-nothing": every(
      ({ mixtures: [a, b, c] }) => a.kl > b.kl && b.kl > c.kl && c.kl < 1e-3 && a.proxy < b.proxy && c.proxy > 20,
    ),
    "11/actions-see-nothing": every(
      ({ actionKl, chiSquare, truth }) => actionKl < 0.01 && chiSquare > 2 && truth < 0.01,
    ),
  }),

  experiment("paths of learned rewards", {
    keys: 40,
    run: (key) => {
      const gold = (kind: typeof world, m: number) => learnedPath(key, kind, m).map((point) => point.gold);
      const [b30, b100, b300, b3000] = [30, 100, 300, 3000].map((m) => gold(bag, m));
      const [p30, p3000] = [30, 3000].map((m) => gold(world, m));
      const lost = (path: readonly number[], place: number) => path[place] - path[path.length - 1];
      return {
        bag: [b30, b100, b300].map((path) => lost(path, PLACE.bag)),
        bag3000: lost(b3000, PLACE.bag3000),
        peaks: [b30, b100, b300].map((path) => path[PLACE.bag]).concat(b3000[PLACE.bag3000]),
        pairs30: lost(p30, PLACE.pairs),
        pairs3000: lost(p3000, PLACE.pairs3000),
        best: Math.max(b3000[PLACE.bag3000], p3000[PLACE.pairs3000]),
      };
    },
  }).shows({
    "11/a-bag-of-words-turns": both(
      mean(({ bag: [lost] }) => lost, { above: 0.25 }),
      mean(({ bag: [, lost] }) => lost, { above: 0.25 }),
      mean(({ bag: [, , lost] }) => lost, { above: 0.25 }),
    ),
    "11/data-mends-the-bag": mean(({ bag3000 }) => bag3000, { between: [-0.05, 0.15] }),
    "11/the-peak-climbs-with-data": both(
      mean(({ peaks: [a, b] }) => b - a, { above: 0 }),
      mean(({ peaks: [, b, c] }) => c - b, { above: 0 }),
      mean(({ peaks: [, , c, d] }) => d - c, { above: 0 }),
    ),
    "11/pairs-turn-with-more-data": both(
      noGainShown(({ pairs30 }) => pairs30),
      mean(({ pairs3000 }) => pairs3000, { above: 0.05 }),
    ),
    "11/shape-is-not-data": mean(({ best }) => best, { below: 2.7 }),
  }),

  experiment("both forms of Gao", {
    keys: 10,
    run: (key) => {
      const keys = split(key, 12);
      const tilts = [30, 100, 300].map((m) => {
        return fitPaths(
          keys.map((own) => learnedPath(own, bag, m)),
          start,
        );
      });
      const best = fitPaths(
        keys.slice(0, 6).map((own) => learnedBestOfN(own, bag, 100)),
        start,
      );
      return {
        square: tilts.map(({ bestOfN }) => bestOfN.r2),
        log: tilts.map(({ rl }) => rl.r2),
        climb: tilts.map(({ bestOfN }) => bestOfN.alpha),
        best: [best.bestOfN.r2, best.rl.r2],
      };
    },
  }).shows({
    "11/square-form-fits-the-tilt-too": both(
      mean(({ square, log }) => square[1] - log[1], { above: 0 }),
      mean(({ square, log }) => square[2] - log[2], { above: 0 }),
    ),
    "11/both-forms-fit": both(
      share(({ square: [, a, b], log: [, c, d] }) => Math.min(a, b, c, d) > 0.85, { above: 0.85 }),
      mean(({ best: [square] }) => square, { above: 0.85 }),
    ),
    "11/data-steepens-the-climb": both(
      mean(({ climb: [a, b] }) => b - a, { above: 0 }),
      mean(({ climb: [, b, c] }) => c - b, { above: 0 }),
    ),
  }),

  experiment("four optimisers, heavy tails", {
    keys: 10,
    run: (key) => {
      const raced = (tail: "normal" | { degrees: number }) => {
        const own = scoredOutcomes(key, 20000, tail);
        const names = ["tilt", "bestOfN", "chiSquare", "quantiliser"] as const;
        const policies = names.map((name) => optimisers[name](own.logRef, own.proxy, 2));
        return {
          value: policies.map((policy) => exactExpectation(policy, own.value)),
          proxy: policies.map((policy) => exactExpectation(policy, own.proxy)),
        };
      };
      return { light: raced("normal"), heavy: raced({ degrees: 3 }) };
    },
  }).shows({
    "11/best-for-the-proxy-worst-for-people": both(
      every(({ light, heavy }) => {
        const mostProxy = [light, heavy].every(({ proxy: [own, ...rest] }) => rest.every((other) => other < own));
        const [tilt, ...others] = heavy.value;
        return mostProxy && light.value[0] === Math.max(...light.value) && others.every((value) => value > tilt);
      }),
      share(({ heavy: { value } }) => value.slice(1).every((other) => other > 2 * value[0]), { above: 0.5 }),
    ),
  }),

  experiment("random pairs of rewards", {
    keys: 20,
    run: (key) => {
      const [a, b, c] = split(key, 3);
      const mdp = randomMdp(a, { states: 4, actions: 3, discount: 0.9 });
      const [reward, noise] = [normal(b, 12), normal(c, 12)];
      return hackability(
        mdp,
        reward,
        reward.map((r, i) => r + 0.3 * noise[i]),
      ).relation;
    },
  }).shows({ "11/nearly-right-is-hackable": every((relation) => relation === "hackable") }),

  experiment("the bound for correlated proxies", {
    keys: 20,
    run: (key) => {
      const standardised = (values: Float64Array) => {
        const centre = exactExpectation(logRef, values);
        const away = values.map((v) => v - centre);
        const sd = Math.sqrt(
          exactExpectation(
            logRef,
            away.map((v) => v * v),
          ),
        );
        return away.map((v) => v / sd);
      };
      const [z, w] = [learnReward(world, compareReplies(key, world, 300)).reward, utility].map(standardised);
      const correlation = exactExpectation(
        logRef,
        z.map((v, y) => v * w[y]),
      );
      return [3, 1, 0.3, 0.1].map((lambda) => {
        const policy = chiSquareOptimum(logRef, z, lambda);
        const [gain, chiSquare] = [exactExpectation(policy, z), chiSquareDivergence(policy, logRef)];
        return { ...correlatedProxyBound({ correlation, gain, chiSquare }), truth: exactExpectation(policy, w) };
      });
    },
  }).shows({
    "11/both-bounds-hold": every((points) =>
      points.every(({ paper, sharp, truth }) => truth >= sharp - 1e-9 && sharp >= paper - 1e-9),
    ),
  }),

  experiment("detectors at 2 nats", {
    keys: 24,
    run: (key) => {
      const { hackedAuc, awayAuc } = detectionRun(key, world);
      return { hackedAuc, awayAuc };
    },
  }).shows({
    "11/away-is-not-hacked": both(
      mean(({ awayAuc }) => awayAuc["the reward itself"], { above: 0.9 }),
      mean(({ hackedAuc }) => hackedAuc["the reward itself"], { below: 0.8 }),
      mean(({ awayAuc }) => awayAuc["posterior deviation"], { below: 0.65 }),
      mean(({ hackedAuc }) => hackedAuc["posterior deviation"], { above: 0.73 }),
    ),
    "11/posterior-sees-more": mean(
      ({ hackedAuc }) => hackedAuc["posterior deviation"] - hackedAuc["ensemble's disagreement"],
      { above: 0 },
    ),
    "11/rarity-does-as-well": mean(({ hackedAuc }) => hackedAuc["-log reference"] - hackedAuc["posterior deviation"], {
      between: [-0.06, 0.06],
    }),
  }),

  experiment("when to stop", {
    keys: 40,
    run: (key) => auditRun(key, world).stopped,
  }).shows({
    "11/audits-find-the-peak": both(
      mean((stopped) => stopped["audit of 20 utilities"] - stopped["never stop"], { above: 0 }),
      mean((stopped) => stopped["best possible"] - stopped["audit of 20 utilities"], { below: 0.15 }),
      mean((stopped) => stopped["audit of 20 utilities"] - stopped["audit of 20 comparisons"], { above: 0 }),
    ),
    "11/worst-member-finds-less": mean((stopped) => stopped["audit of 20 utilities"] - stopped["worst member of 5"], {
      above: 0.03,
    }),
  }),

  experiment("cures at equal distance", {
    keys: 30,
    run: (key) => mitigationRun(key, world),
  }).shows({
    "11/relabelling-helps-most": both(
      ...[0, 1].flatMap((k) => [
        mean((run: Cures) => run["60 more from the policy"][k] - run.single[k], { above: 0.2 }),
        mean((run: Cures) => run["60 more from the policy"][k] - run["60 more from the reference"][k], { above: 0.1 }),
      ]),
    ),
    "11/two-deviations-help": both(
      ...[0, 1].map((k) => mean((run: Cures) => run["reward - 2 sd"][k] - run.single[k], { above: 0.05 })),
    ),
    "11/bootstraps-do-not-help-far-out": both(
      ...(["mean of 5", "worst of 5", "worst of 10", "mean - 2 variances"] as const).map((cure) =>
        noGainShown((run: Cures) => run[cure][2] - run.single[2]),
      ),
    ),
    "11/quantiliser-no-cure-for-light-tails": both(
      ...(["quantiliser", "best of n"] as const).map((cure) =>
        mean((run: Cures) => run[cure][2] - run.single[2], { between: [-0.2, 0.2] }),
      ),
    ),
    "11/invented-answers-hurt": both(
      ...[0, 1, 2].map((k) => mean((run: Cures) => run["adversarial, no labels"][k] - run.single[k], { below: -0.2 })),
    ),
  }),

  experiment("tables of words on a transformer", {
    keys: 8,
    few: "transformer",
    run: async (key) => {
      const { writer, panel } = await bookReader();
      const { byPrompts } = moodTablesRun(foldIn(key, 13), writer, panel, { prompts: [10, 30, 100], ns: [16, 128] });
      return byPrompts;
    },
  }).shows({
    "11/no-hump-near-the-reference": both(
      mean(([few]) => few["one table"][1] - few["one table"][0], { above: -0.1 }),
      mean(([, some]) => some["one table"][1] - some["one table"][0], { above: 0.3 }),
      mean(([, , many]) => many["one table"][1] - many["one table"][0], { above: 0.3 }),
    ),
    "11/careful-rules-cost-near-the-reference": both(
      ...(["mean of 5", "worst of 5", "mean - 1 variance", "table - 2 sd"] as const).map((rule) =>
        mean(
          ([, some, many]: Tables) => (some[rule][1] - some["one table"][1] + many[rule][1] - many["one table"][1]) / 2,
          { below: 0 },
        ),
      ),
      ...[0, 1, 2].flatMap((p) =>
        (["table - 0.5 sd", "table - 1 sd"] as const).map((rule) =>
          noGainShown((tables: Tables) => tables[p][rule][1] - tables[p]["one table"][1]),
        ),
      ),
    ),
  }),
];
