// The experiments of lesson 11, on few seeds: that they measure what they say.
import { expect } from "chai";
import { foldIn, key, mean } from "rlhf-lab";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import { tiltUpToKl } from "rlhf-lab/policy";
import {
  auditRun,
  compareReplies,
  detectionRun,
  fitPaths,
  goldAt,
  joinPairs,
  learnedPath,
  learnReward,
  mitigationRun,
  mitigations,
  proxyWorld,
  resamplePairs,
  wordInformation,
  wordsSd,
} from "rlhf-lab/studies";
import { phraseUtility } from "rlhf-lab/worlds";

const world = proxyWorld();

describe("the proxy world", () => {
  it("counts words and neighbours", () => {
    const y = world.replies.findIndex((reply) => reply.join() === "3,1,0"); // not good <end>
    const on = world.features[y].flatMap((count, j) => (count > 0 ? [j] : []));
    // words 0, 1, 3; beginning -> not, good -> end, not -> good
    expect(on).to.deep.equal([0, 1, 3, 7 + 7 + 0, 7 + 3 * 7 + 1, 7 + 7 * 7 + 3]);
    expect(proxyWorld("words").features[y]).to.deep.equal([1, 1, 0, 1, 0, 0, 0]);
    expect(world.utility[y]).to.equal(phraseUtility(5, [3, 1, 0]).total);
  });

  it("its labelers prefer the better reply as often as Bradley and Terry say", () => {
    const { chosen, rejected } = compareReplies(key(2), world, 20000);
    const worth = (ys: Int32Array) => mean(Array.from(ys, (y) => world.utility[y]));
    const right = Array.from(chosen).filter((y, k) => world.utility[y] > world.utility[rejected[k]]).length;
    const wrong = Array.from(chosen).filter((y, k) => world.utility[y] < world.utility[rejected[k]]).length;
    expect(worth(chosen)).to.be.above(worth(rejected));
    expect(right).to.be.above(2 * wrong);
  });

  it("learns a reward that is 0 on average, and better from more comparisons", () => {
    const correlation = (m: number) => {
      const { reward } = learnReward(world, compareReplies(key(3), world, m));
      expect(exactExpectation(world.logRef, reward)).to.be.closeTo(0, 1e-9);
      const centre = exactExpectation(world.logRef, world.utility);
      const moment = (f: (y: number) => number) =>
        exactExpectation(
          world.logRef,
          Float64Array.from(world.utility, (_, y) => f(y)),
        );
      const cross = moment((y) => reward[y] * (world.utility[y] - centre));
      return cross / Math.sqrt(moment((y) => reward[y] ** 2) * moment((y) => (world.utility[y] - centre) ** 2));
    };
    expect(correlation(3000)).to.be.above(0.8);
    expect(correlation(3000)).to.be.above(correlation(30));
  });

  it("bootstraps draw the same comparisons again, and joining keeps all", () => {
    const pairs = compareReplies(key(4), world, 30);
    const again = resamplePairs(key(5), pairs);
    const known = new Set(Array.from(pairs.chosen, (y, k) => `${y} ${pairs.rejected[k]}`));
    for (let k = 0; k < 30; k++) expect(known).to.include(`${again.chosen[k]} ${again.rejected[k]}`);
    expect(joinPairs(pairs, again).chosen).to.have.length(60);
  });
});

describe("the studies of lesson 11", () => {
  it("read a path between its points", () => {
    const path = [
      { kl: 1, gold: 1 },
      { kl: 3, gold: 2 },
    ];
    expect(goldAt(path, 2)).to.equal(1.5);
    expect(goldAt(path, 4)).to.be.NaN;
    const found = learnedPath(key(1), world, 300);
    for (let i = 1; i < found.length; i++) {
      expect(found[i].kl).to.be.above(found[i - 1].kl);
      expect(found[i].proxy).to.be.above(found[i - 1].proxy);
    }
    const fit = fitPaths([found], exactExpectation(world.logRef, world.utility));
    expect(fit.bestOfN.r2).to.be.within(0.5, 1);
  });

  it("hold every cure to the KL that was asked for", () => {
    const run = mitigationRun(key(1), world, { comparisons: 30, kls: [1] });
    expect(Object.keys(run)).to.have.members(["single", ...mitigations]);
    for (const [gold] of Object.values(run)) expect(gold).to.be.within(-4, 3.5);
    const { reward } = learnReward(world, compareReplies(foldIn(key(1), 3), world, 30));
    expect(exactKL(tiltUpToKl(world.logRef, reward, 1), world.logRef)).to.be.closeTo(1, 1e-9);
    const all = tiltUpToKl(world.logRef, reward, 100);
    expect(all.reduce((sum, l) => sum + Math.exp(l), 0)).to.be.closeTo(1, 1e-9);
  });

  it("detect among the policy's own, and against the reference's", () => {
    const { hacked, hackedAuc, awayAuc } = detectionRun(key(1), world);
    expect(hacked.policy).to.be.above(hacked.reference);
    expect(awayAuc["the reward itself"]).to.be.above(0.8);
    for (const auc of [...Object.values(hackedAuc), ...Object.values(awayAuc)]) expect(auc).to.be.within(0, 1);
  });

  it("stop nowhere better than the best", () => {
    const { stopped, gold } = auditRun(key(1), world);
    expect(stopped["best possible"]).to.equal(Math.max(...gold));
    expect(stopped["never stop"]).to.equal(gold.at(-1));
    for (const got of Object.values(stopped)) expect(got).to.be.at.most(stopped["best possible"]);
  });

  it("know how much has been said about a word", () => {
    const information = wordInformation([
      {
        texts: [["a", "a", "b"], ["b"]],
        wins: [
          [0, 1],
          [0, 1],
        ],
      },
    ]);
    expect(information.get("a")).to.be.closeTo(2 * 0.2 * 4, 1e-12);
    expect(information.has("b")).to.equal(false);
    expect(wordsSd(["a", "a", "c"], information, 0.5)).to.be.closeTo(Math.sqrt(4 / (4 + 1.6) + 1 / 4), 1e-12);
  });
});
