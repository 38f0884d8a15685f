import { expect } from "chai";
import { DomainError, key, split } from "../../lib/src/index.js";
import { randomMdp, tabularMdp } from "../../lib/src/mdp/index.js";
import { linearReward, preferenceAccuracy, returnLost, rewardErrorBound } from "../../lib/src/rewards/index.js";
import { itemComparisons, sphereComparisons } from "../../lib/src/worlds/index.js";
import {
  joinComparisons,
  moodComparisons,
  moodFeatures,
  moodPanels,
  moodTask,
  writeGreedily,
  writerComparisons,
} from "../../lib/src/worlds/text/index.js";

const task = moodTask();

describe("panels of sentences", () => {
  const panels = moodPanels(key(1), task, [3, 0, 7], 4);

  it("compare every pair of each chapter's sentences once", () => {
    expect(Array.from(panels.prompt)).to.deep.equal([3, 0, 7].flatMap((chapter) => Array(6).fill(chapter)));
    const pairs = panels.prompt
      .map((_, k) => k)
      .reduce((all, k) => {
        return all.add([panels.chosen[k].text, panels.rejected[k].text].sort().join("|"));
      }, new Set<string>());
    expect(pairs.size).to.equal(18);
  });

  it("take the sentences from the chapter that the row names", () => {
    panels.prompt.forEach((chapter, k) => {
      expect(task.chapters[chapter]).to.include(panels.chosen[k]);
      expect(task.chapters[chapter]).to.include(panels.rejected[k]);
    });
  });

  it("refuse a chapter twice, and one that is too short", () => {
    expect(() => moodPanels(key(1), task, [0, 0], 2)).to.throw(DomainError, "no chapter twice");
    expect(() => moodPanels(key(1), task, [0], 1000)).to.throw(DomainError, "at least 1000 sentences");
    expect(() => moodPanels(key(1), task, [-1], 2)).to.throw(DomainError);
  });
});

describe("a writer who optimises", () => {
  it("writes, word by word, what the reward likes best; the truth counts a word once", () => {
    const weights = new Float64Array(task.bag.vocabulary.length);
    const good = task.bag.vocabulary.indexOf("good");
    weights[good] = 2;
    const { words, learned, mood } = writeGreedily(task, weights, { length: 3 });
    expect(words).to.deep.equal(["good", "good", "good"]);
    expect(learned).to.deep.equal([2, 4, 6]);
    expect(mood).to.deep.equal(Array(3).fill(task.valences[good]));
  });

  it("that reads presence looks for new words", () => {
    const { words } = writeGreedily(task, task.valences, { length: 5, read: task.bag.presence });
    expect(new Set(words).size).to.equal(5);
  });

  it("is imitated in comparisons of eight liked words, with prompts of their own", () => {
    const asked = writerComparisons(key(2), task, ["good", "great", "bad", "evil", "glad", "sad"], 50);
    expect(asked.prompt[0]).to.equal(task.chapters.length);
    const sizes = [...asked.chosen, ...asked.rejected].map(({ words }) => [words.length, new Set(words).size]);
    expect(sizes.every(([length, different]) => length === 8 && different >= 1 && different <= 6)).to.equal(true);
    expect(Math.max(...sizes.map(([, different]) => different))).to.be.above(3);
    const both = joinComparisons(moodComparisons(key(3), task, 10), asked);
    expect([both.prompt.length, both.chosen.length, both.rejected.length]).to.deep.equal([60, 60, 60]);
    expect(both.chosen[10]).to.equal(asked.chosen[0]);
    expect(moodFeatures(task, both).rows).to.equal(60);
  });
});

describe("comparisons on a sphere", () => {
  it("have differences of one length, and follow the truth as Bradley and Terry say", () => {
    const pairs = sphereComparisons(key(4), [3, 0], 4000, 2);
    const covariance = linearReward.covariance(pairs);
    expect(covariance.get(0, 0) + covariance.get(1, 1)).to.be.closeTo(4, 1e-9); // the mean squared length
    const { theta } = linearReward.fit(pairs);
    expect(theta[0]).to.be.closeTo(3, 0.3);
    expect(theta[1]).to.be.closeTo(0, 0.15);
    expect(() => sphereComparisons(key(4), [1], 3, 0)).to.throw(DomainError, "radius");
  });
});

describe("items in a world of one's own", () => {
  const error = (world: Parameters<typeof itemComparisons>[1]) => {
    const { pairs, differences } = itemComparisons(key(5), world, 8000);
    const { theta } = linearReward.fit(pairs, { l2: 1e-6 });
    return { theta, differences, accuracy: preferenceAccuracy(differences), pairs };
  };

  it("give the weights back if all conditions hold", () => {
    const { theta, differences, pairs } = error({ theta: [1, -0.5] });
    expect(theta[0]).to.be.closeTo(1, 0.1);
    expect(theta[1]).to.be.closeTo(-0.5, 0.1);
    const exact = linearReward.margins([1, -0.5], pairs);
    differences.forEach((difference, k) => {
      expect(difference).to.be.closeTo(exact[k], 1e-12);
    });
  });

  it("break one condition each", () => {
    expect(error({ theta: [1, -0.5], sameLast: true }).theta[1]).to.equal(0);
    expect(error({ theta: [1, -0.5], flip: 0.2 }).theta[0]).to.be.below(0.7);
    expect(error({ theta: [30, 0], flip: 0.3 }).accuracy).to.be.closeTo(0.7, 0.03);
    expect(error({ theta: [0, 1], curve: 0.5, centre: 1 }).theta[0]).to.be.above(0.5);
    expect(error({ theta: [0, 1], curve: 0.5, centre: -1 }).theta[0]).to.be.below(-0.5);
  });
});

describe("the return that a wrong reward loses", () => {
  it("is nothing without an error, and for a constant one", () => {
    const mdp = randomMdp(key(6), { states: 4, actions: 3, discount: 0.9 });
    expect(returnLost(mdp, new Float64Array(12))).to.be.closeTo(0, 1e-9);
    expect(returnLost(mdp, new Float64Array(12).fill(5))).to.be.closeTo(0, 1e-9);
  });

  it("reaches the bound where staying is worth twice the error", () => {
    const stay = tabularMdp({
      ...{ states: 2, actions: 2, discount: 0.5, start: [1, 0] },
      transitions: [1, 0, 0, 1, 0, 1, 0, 1],
      rewards: [1, 0, 0, 0],
    });
    expect(returnLost(stay, [-0.5, 0.5, 0.5, 0.5])).to.be.closeTo(rewardErrorBound(0.5, 0.5), 1e-12);
  });

  it("never exceeds it", () => {
    for (const k of split(key(7), 20)) {
      const [worldKey] = split(k);
      const mdp = randomMdp(worldKey, { states: 4, actions: 2, discount: 0.8 });
      const error = Float64Array.from(mdp.rewards, (reward) => (reward > 0 ? -1 : 1));
      expect(returnLost(mdp, error)).to.be.within(-1e-9, rewardErrorBound(1, 0.8) + 1e-9);
    }
  });
});
