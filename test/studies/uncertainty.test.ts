// The phrase task under uncertainty (lesson 18): what must hold whatever the key.
import { expect } from "chai";
import { transformer } from "rlhf-lab/models";
import { exactExpectation } from "rlhf-lab/numerics";
import { tiltUpToKl } from "rlhf-lab/policy";
import { key } from "rlhf-lab/random";
import {
  carefulPolicyStudy,
  compareReplies,
  conformalAlongKl,
  ensembleRules,
  learnReward,
  pessimismAlongKl,
  phrasePosterior,
  proxyWorld,
  setAgainstPoints,
  transformerEnsemble,
  utilityOnPath,
  whomToAsk,
} from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { phraseTask } from "rlhf-lab/worlds";

const world = proxyWorld();

describe("the phrase task under uncertainty", () => {
  it("phrasePosterior is the learned reward, with a covariance that comparisons narrow from the prior's", () => {
    const pairs = compareReplies(key(1), world, 100);
    const { mean, covariance } = phrasePosterior(world, pairs);
    expect(mean).to.deep.equal([...learnReward(world, pairs).theta]);
    covariance.forEach((row, j) => {
      expect(row[j]).to.be.within(0, 1 + 1e-9);
      expect(row[0]).to.be.closeTo(covariance[0][j], 1e-12);
    });
  });

  it("conformalAlongKl: at the reference both promises are one; shares are shares", () => {
    const [here, far] = conformalAlongKl(key(2), world, { kls: [0, 8] });
    expect(here.weighted).to.equal(here.plain);
    expect(here.effective).to.be.closeTo(400, 1e-6);
    expect(here.infinite).to.equal(0);
    expect(far.effective).to.be.within(0, 400);
    expect(far.weighted).to.be.at.least(far.infinite - 1e-9);
    for (const { plain, weighted } of [here, far]) {
      expect(plain).to.be.within(0, 1 + 1e-9);
      expect(weighted).to.be.within(0, 1 + 1e-9);
    }
    // So few that nothing is promised: every interval is infinite.
    const [few] = conformalAlongKl(key(2), world, { kls: [0], calibration: 5 });
    expect(few.plain).to.be.closeTo(1, 1e-9);
    expect(few.infinite).to.be.closeTo(1, 1e-9);
  });

  it("pessimismAlongKl: nothing beats the truth at the same KL, and the truth is the exact tilt", () => {
    const found = pessimismAlongKl(key(3), world, { kls: [2] });
    const best = exactExpectation(tiltUpToKl(world.logRef, world.utility, 2), world.utility);
    expect(found["true utility"][0]).to.be.closeTo(best, 1e-9);
    for (const [name, [value]] of Object.entries(found)) expect(value, name).to.be.at.most(best + 1e-6);
  });

  it("setAgainstPoints: the set's policy is sure of no less, and tells what it is sure of", () => {
    const { points, set } = setAgainstPoints(key(4), world);
    expect(set.guaranteed).to.be.above(points.guaranteed - 0.01);
    expect(set.told).to.equal(set.guaranteed);
    expect(points.told).to.be.below(points.guaranteed);
  });

  it("whomToAsk: asks as many as it says, the policy's replies being the better ones", () => {
    const [reference, policy] = (["reference", "policy, by gain"] as const).map((rule) =>
      whomToAsk(key(5), world, rule),
    );
    for (const run of [reference, policy]) {
      expect(run.asked).to.have.length(100);
      expect(run.utility).to.have.length(2);
    }
    const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    expect(average(policy.asked)).to.be.above(average(reference.asked) + 1);
  });

  it("transformerEnsemble: one number for each KL, members that differ, nothing above the truth", async () => {
    const found = await transformerEnsemble(key(6), world, { steps: 10, members: 2, comparisons: 60, kls: [1, 2] });
    expect(found.disagreement).to.have.length(3);
    expect(found.disagreement[0].ensemble).to.be.above(0);
    for (const [name, values] of Object.entries(found.utility)) {
      expect(values, name).to.have.length(2);
      values.forEach((value, i) => {
        expect(value, name).to.be.at.most(found.utility.truth[i] + 1e-6);
      });
    }
  });

  it("ensembleRules: by hand, and centred", () => {
    const members = [Float64Array.of(1, 3), Float64Array.of(2, 8)];
    // Less their means under (1/2, 1/2): (-1, 1) and (-3, 3).
    const rules = ensembleRules(members, [Math.log(0.5), Math.log(0.5)]);
    const close = (got: Float64Array, want: number[]) =>
      got.forEach((x, i) => {
        expect(x).to.be.closeTo(want[i], 1e-12);
      });
    close(rules.one, [-1, 1]);
    close(rules.mean, [-2, 2]);
    close(rules["mean - sd"], [-3, 1]);
    close(rules["mean - variance"], [-3, 1]);
    close(rules.least, [-3, 1]);
  });

  it("utilityOnPath: on the line between two points, the first time it comes there; NaN where it never does", () => {
    const path = [
      { kl: 0, utility: 0 },
      { kl: 2, utility: 4 },
      { kl: 1, utility: 9 },
      { kl: 3, utility: 5 },
    ];
    expect(utilityOnPath(path, 0)).to.equal(0);
    expect(utilityOnPath(path, 1)).to.equal(2);
    expect(utilityOnPath(path, 2.5)).to.equal(6);
    expect(utilityOnPath(path, 3.1)).to.be.NaN;
    expect(utilityOnPath([], 1)).to.be.NaN;
  });

  it("carefulPolicyStudy: PPO climbs what pays, the path ends where it was told to, and a key is a run", async () => {
    const study = carefulPolicyStudy(
      phraseTask(),
      transformer({ vocabulary: 7, context: 6, width: 16, layers: 1, heads: 2 }),
    );
    const { params } = await study.imitate(key(7));
    const options = { reward: world.utility, rate: 0.005, iterations: 40, until: 1 };
    const path = await study.run(key(8), params, options);
    const end = path[path.length - 1];
    expect(path[0].kl).to.be.closeTo(0, 1e-6);
    expect(end.kl).to.be.at.least(1);
    expect(path[path.length - 2].kl).to.be.below(1);
    expect(end.utility).to.be.above(path[0].utility + 0.5);
    expect(await study.run(key(8), params, options)).to.deep.equal(path);
    disposeTree(params);
  });
});
