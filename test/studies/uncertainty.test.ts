// The phrase task under uncertainty (lesson 18): what must hold whatever the key.
import { expect } from "chai";
import { exactExpectation } from "rlhf-lab/numerics";
import { tiltUpToKl } from "rlhf-lab/policy";
import { key } from "rlhf-lab/random";
import {
  compareReplies,
  conformalAlongKl,
  learnReward,
  pessimismAlongKl,
  phrasePosterior,
  proxyWorld,
  setAgainstPoints,
  transformerEnsemble,
  whomToAsk,
} from "rlhf-lab/studies";

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
});
