import { expect } from "chai";
import {
  chargedOptimum,
  conditionOn,
  constraintMultiplier,
  distinctFront,
  dualAscentLimit,
  hypervolume,
  minimalUnsatisfiable,
  priceOfConstraint,
  principleGradients,
  reviseMap,
  sampledPrincipleNoise,
  sumNoise,
  supportedPoints,
  tokenMask,
} from "../../lib/src/constitution/index.js";
import { DomainError } from "../../lib/src/core/index.js";
import {
  exactExpectation,
  exactKL,
  exactRegularisedOptimum,
  pearsonCorrelation,
} from "../../lib/src/numerics/index.js";
import { key } from "../../lib/src/random/index.js";
import { conditionalLogProbs, sequenceIndex, sequenceLogProbs } from "../../lib/src/trees/index.js";
import {
  conflictingPrinciples,
  labelReplies,
  oneWordAway,
  phraseConstitution,
  phraseContent,
  phraseFeatures,
  phraseLengths,
  phrasePrinciples,
  phraseRegret,
  phraseRevisions,
  phraseTask,
  phraseText,
} from "../../lib/src/worlds/index.js";

const task = phraseTask();
const [ref, utility] = [task.reference[0], task.utility[0]];
const principles = phrasePrinciples(task);
const words = phraseLengths(task);

describe("principles of the phrase task", () => {
  it("are scores from 0 to 1, by hand", () => {
    for (const score of Object.values(principles) as Float64Array[]) {
      expect(score.reduce((a, b) => Math.min(a, b))).to.be.at.least(0);
      expect(score.reduce((a, b) => Math.max(a, b))).to.equal(1);
    }
    const at = (...reply: number[]) => sequenceIndex(task.tree, reply);
    expect(principles.brief[at(0)]).to.equal(1);
    expect(principles.onTopic[at(5, 0)]).to.equal(1);
    expect(principles.onTopic[at(5, 6, 0)]).to.equal(0.5);
    expect(principles.finish[at(1, 1, 1, 1, 1)]).to.equal(0);
    expect(principles.plain[at(4, 1, 0)]).to.equal(0.5);
    expect(principles.neverBad[at(3, 2, 0)]).to.equal(0);
    expect([at(0), at(4, 1, 0), at(4, 4, 1, 0)].map((y) => principles.noWordTwice[y])).to.deep.equal([1, 1, 0]);
    expect([at(0), at(4, 1, 0), at(1, 1, 1, 1, 1)].map((y) => words[y])).to.deep.equal([0, 2, 5]);
    expect(phrasePrinciples(task, 1).onTopic[at(5, 0)]).to.equal(0);
    expect(() => phrasePrinciples(task, 2)).to.throw(DomainError, "prompt");
  });

  it("have the fronts of lesson 12: five values of which a weight picks three; six, of which two are unsupported", async () => {
    const distinct = (x: Float64Array) => {
      const rows = Array.from(x, (value, y) => [value, principles.brief[y]]);
      return distinctFront(rows).map((y) => rows[y]);
    };
    const useful = distinct(utility);
    expect(useful.map(([u]) => u)).to.deep.equal([0, 1, 2, 3, 3.5]);
    expect([...(await supportedPoints(useful)).margins].filter((m) => m > 1e-9)).to.have.length(3);
    const glad = distinct(principles.glad);
    const { margins } = await supportedPoints(glad);
    expect([...margins].filter((m) => m > 1e-9)).to.have.length(3);
    expect([...margins].filter((m) => m < -1e-9)).to.have.length(2);
    expect(hypervolume(glad, [0, 0])).to.be.closeTo(0.7125, 1e-12);
  });

  it("have the prices of lesson 12", () => {
    const optimum = exactRegularisedOptimum(ref, utility, 0.5).logProbs;
    const hard = conditionOn(optimum, principles.neverBad);
    expect(1 - Math.exp(hard.logProbability)).to.be.closeTo(0.2314, 5e-5);
    expect(exactExpectation(hard.logProbs, utility)).to.be.closeTo(2.6314, 5e-5);
    const masked = sequenceLogProbs(
      task.tree,
      tokenMask(task.tree, conditionalLogProbs(task.tree, optimum), (_, v) => v !== 2),
    );
    expect(exactExpectation(masked, utility)).to.be.closeTo(2.2572, 5e-5);
    expect(exactKL(masked, hard.logProbs)).to.be.closeTo(1.4684, 5e-5);
    const proxy = exactRegularisedOptimum(ref, task.lexicon, 0.5).logProbs;
    const wanted = principles.finish.map((f, y) => (f === 1 && principles.onTopic[y] === 1 ? 1 : 0));
    expect(priceOfConstraint(proxy, wanted, 0.5)).to.be.closeTo(0.7203, 5e-5);
    const problem = { logRef: ref, reward: utility, cost: words, beta: 0.3, limit: 2 };
    expect(chargedOptimum(problem, 0).cost).to.be.closeTo(3.518, 5e-4);
    expect(constraintMultiplier(problem)).to.be.closeTo(0.7860195, 1e-7);
    expect(dualAscentLimit(problem)).to.be.closeTo(0.8717, 5e-5);
  });

  it("in conflict have the correlation that was asked for, and lesson 12's noise", () => {
    for (const rho of [-1, -0.9, 0, 0.5]) {
      const [a, b] = conflictingPrinciples(task, rho);
      const moment = (x: Float64Array, y: Float64Array) =>
        exactExpectation(
          ref,
          x.map((v, i) => v * y[i]),
        );
      expect(exactExpectation(ref, b)).to.be.closeTo(0, 1e-9);
      expect(moment(b, b)).to.be.closeTo(1, 1e-9);
      expect(moment(a, b)).to.be.closeTo(rho, 1e-9);
    }
    const start = conditionalLogProbs(task.tree, ref);
    const moments = principleGradients(task.tree, start, conflictingPrinciples(task, -0.9));
    expect(sumNoise(moments, [0.5, 0.5]).noiseToSignal).to.be.closeTo(38.5, 0.05);
    expect(sampledPrincipleNoise(moments, [0.5, 0.5]).noiseToSignal).to.be.closeTo(949.7, 0.1);
    expect(() => conflictingPrinciples(task, 2)).to.throw(DomainError, "correlation");
  });
});

describe("revisions of the phrase task", () => {
  it("are one word away", () => {
    const from = sequenceIndex(task.tree, [1, 5, 0]);
    const near = oneWordAway(task, task.tree.sequences[from]);
    // By hand: 2 shorter, 10 with another word, and 3 places for 6 words less 2 that come out twice.
    expect(near).to.have.length(2 + 10 + 16);
    expect(near)
      .to.include(sequenceIndex(task.tree, [5, 0]))
      .and.not.include(from);
    for (const reply of [[0], [1, 1, 1, 1, 1]]) {
      for (const y of oneWordAway(task, reply)) {
        expect(Math.abs(words[y] - phraseContent(reply).length)).to.be.at.most(1);
      }
    }
  });

  it("keep the first broken principle, may cycle, and do not where nothing that held may break", () => {
    const mood = Float64Array.from(principles.glad, (g) => (g > 0.5 ? 1 : 0));
    const topic = principles.onTopic.map((t) => (t === 1 ? 1 : 0));
    const holds = [principles.finish, topic, mood];
    const all = Float64Array.from(ref, (_, y) => (holds.every((row) => row[y] === 1) ? 1 : 0));
    const mass = (ends: readonly string[], end: string) =>
      ends.reduce((sum, e, y) => sum + (e === end ? Math.exp(ref[y]) : 0), 0);
    const free = phraseRevisions(task, ref, holds);
    free.forEach((to, y) => {
      if (to < 0) return;
      expect(holds[holds.findIndex((row) => row[y] === 0)][to]).to.equal(1);
    });
    const { ends, cycles } = reviseMap(free, all);
    expect(mass(ends, "cycling")).to.be.closeTo(0.0314, 5e-5);
    expect(cycles.map((c) => c.map((y) => phraseText(task.tree.sequences[y])).join(" <-> "))).to.include(
      "bad whale bad whale <-> not bad whale bad whale ...",
    );
    const careful = reviseMap(phraseRevisions(task, ref, holds, { mayBreak: false }), all);
    expect(careful.cycles).to.deep.equal([]);
    expect(mass(careful.ends, "satisfied")).to.be.closeTo(0.9633, 5e-5);
    const [brief, informative] = [words.map((n) => (n <= 2 ? 1 : 0)), words.map((n) => (n >= 3 ? 1 : 0))];
    expect(minimalUnsatisfiable([mood, brief, informative])).to.deep.equal([[1, 2]]);
  });
});

describe("a constitution as a prior", () => {
  it("is right about the utility more often than not, and regret is never negative", () => {
    const features = phraseFeatures(task);
    const prior = phraseConstitution();
    const said = features.map((row) => row.reduce((sum, x, j) => sum + x * prior[j], 0));
    const drawn = labelReplies(key(3), task, 4000, 1.5);
    const correlation = pearsonCorrelation(
      Float64Array.from(drawn.replies, (y) => said[y]),
      Float64Array.from(drawn.replies, (y) => utility[y]),
    );
    expect(correlation).to.be.within(0.6, 0.78);
    const noise = Float64Array.from(drawn.labels, (l, i) => l - utility[drawn.replies[i]]);
    expect(noise.reduce((s, e) => s + e * e, 0) / 4000).to.be.closeTo(2.25, 0.2);
    for (const weight of [1, 100, Number.POSITIVE_INFINITY]) {
      const { regret } = phraseRegret(task, drawn, { features, prior, weight, beta: 0.5 });
      expect(regret).to.be.within(0, 2);
    }
    expect(features[sequenceIndex(task.tree, [4, 1, 5, 0])].reduce((a, b) => a + b)).to.equal(3 + 1 + 2);
  });
});
