import { expect } from "chai";
import { DomainError, key, mean, ShapeError } from "rlhf-lab";
import {
  amplificationTrial,
  amplifyDistances,
  classScores,
  digitDebate,
  fitNaiveBayes,
  inkedPixels,
  inkLevels,
  type Pictures,
  pictureVerdicts,
  ringWithChords,
  shortestWays,
} from "rlhf-lab/alignment";
import { opticalDigits } from "rlhf-lab/data";

const { images, labels } = opticalDigits();
const levels = images.map(inkLevels);
const part = (from: number, to: number): Pictures => ({
  images: levels.slice(from, to),
  labels: labels.slice(from, to),
});
const train = part(0, 1000);
const judge = fitNaiveBayes(train.images, train.labels, { classes: 10, levels: 5 });

describe("debates about pictures", () => {
  it("levels of ink, and the pixels that have any", () => {
    expect([...inkLevels([0, 1, 4, 5, 8, 9, 12, 13, 16])]).to.deep.equal([0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(inkedPixels([0, 3, 0, 1])).to.deep.equal([1, 3]);
    for (const wrong of [17, -1, 0.5, Number.NaN]) expect(() => inkLevels([wrong])).to.throw(DomainError, "image[0]");
  });

  it("a debate by game-tree search, over all orders of four pixels, has the same verdict", () => {
    // Small pictures of three inked pixels and one without: brute force over what each debater shows.
    const small = fitNaiveBayes(
      [
        [1, 2, 1, 0],
        [2, 2, 1, 0],
        [1, 1, 2, 1],
        [2, 1, 2, 0],
        [1, 2, 2, 1],
        [2, 1, 1, 1],
      ],
      [0, 0, 1, 1, 2, 2],
      { classes: 3, levels: 3 },
    );
    const logOdds = (image: number[], label: number, other: number, shown: number[]) => {
      const scores = classScores(small, image, shown);
      return scores[label] - scores[other];
    };
    const play = (image: number[], label: number, other: number, shown: number[], left: number): number => {
      if (left === 0) return logOdds(image, label, other, shown);
      const free = inkedPixels(image).filter((pixel) => !shown.includes(pixel));
      if (free.length === 0) return logOdds(image, label, other, shown);
      const values = free.map((pixel) => play(image, label, other, [...shown, pixel], left - 1));
      return values.reduce((a, b) => (left % 2 === 0 ? Math.max(a, b) : Math.min(a, b)));
    };
    for (let code = 0; code < 54; code++) {
      const image = [1 + (code % 2), 1 + (Math.floor(code / 2) % 2), 1, Math.floor(code / 4) % 3];
      const label = Math.floor(code / 12) % 3;
      const wins = [0, 1, 2].every((other) => other === label || play(image, label, other, [], 2) > 0);
      const { debate } = pictureVerdicts(key(1), small, { images: [image], labels: [label] }, { shown: 2 });
      expect(debate[0], String(code)).to.equal(Number(wins));
    }
  });

  it("on real digits: the liar alone is believed, the honest alone is, and debate lies between random pixels and all", () => {
    const at = (shown: number) => {
      const v = pictureVerdicts(key(1), judge, part(1000, 1797), { shown });
      return { debate: mean(v.debate), random: mean(v.random), liar: mean(v.liar), honest: mean(v.honest), v };
    };
    const four = at(4);
    expect(four.liar).to.be.below(0.01);
    expect(four.honest).to.be.above(0.99);
    expect(four.random).to.be.below(four.debate - 0.2);
    expect(four.debate).to.be.below(mean(four.v.whole));
    const all = at(64).v; // everything inked is shown: debate, liar and honest see the same
    expect(all.debate).to.deep.equal(all.liar);
    expect(all.debate).to.deep.equal(all.honest);
    expect(all.debate).to.deep.equal(all.random);
  });

  it("nothing shown leaves the prior; bad input is refused in words", () => {
    const { random, debate } = pictureVerdicts(key(1), judge, part(1000, 1100), { shown: 0 });
    const top = judge.logPrior.indexOf(judge.logPrior.reduce((a, b) => Math.max(a, b)));
    expect([...random]).to.deep.equal(Array.from(labels.slice(1000, 1100), (label) => Number(label === top)));
    expect(debate).to.deep.equal(random);
    for (const shown of [3, -2, 0.5, Number.NaN]) {
      expect(() => pictureVerdicts(key(1), judge, train, { shown })).to.throw(DomainError, "shown");
    }
    expect(() => pictureVerdicts(key(1), judge, { images: [], labels: [] }, { shown: 2 })).to.throw(ShapeError);
  });
});

describe("a debate about digits", () => {
  it("is the verdicts' mean on a split by key, and a bias of many nats makes everything an 8", () => {
    const digits = { images, labels };
    const own = digitDebate(key(2), digits, { shown: 4 });
    expect(own.debate).to.be.within(0.75, 0.9);
    expect(digitDebate(key(2), digits, { shown: 4, taught: 20 }).debate).to.be.below(own.debate - 0.2);
    const biased = digitDebate(key(2), digits, { shown: 4, bias: 1000 });
    expect(biased.whole).to.be.within(0.06, 0.14);
    expect(biased.debate).to.equal(biased.whole);
    expect(() => digitDebate(key(1), digits, { shown: 4, taught: 1001 })).to.throw(DomainError, "taught");
    expect(() => digitDebate(key(1), digits, { shown: 4, bias: Number.NaN })).to.throw(DomainError, "bias");
    expect(() => digitDebate(key(1), train, { shown: 4 })).to.throw(ShapeError, "images");
  });
});

describe("a ring with chords", () => {
  it("is a map both ways, whose shortest ways amplification finds in log2 n rounds", () => {
    const edges = ringWithChords(key(3), 16, 4);
    edges.forEach((row, i) => {
      expect(row[i]).to.equal(0);
      expect(row[(i + 1) % 16]).to.be.within(0.5, 1.5);
      row.forEach((length, j) => {
        expect(edges[j][i]).to.equal(length);
      });
    });
    const roads = edges.flatMap((row) => [...row]).filter((x) => x > 0 && x < Number.POSITIVE_INFINITY).length / 2;
    expect(roads).to.be.within(16, 20);
    const told = amplifyDistances(key(1), edges, { rounds: 4 });
    shortestWays(edges).forEach((row, i) => {
      row.forEach((way, j) => {
        expect(told[3][i][j]).to.be.closeTo(way, 1e-12);
      });
    });
    const trial = amplificationTrial(key(1), { rounds: 5 });
    expect(trial.right[0]).to.be.below(0.1);
    expect(trial.right[5]).to.equal(1);
    expect(trial.ratio[5]).to.be.closeTo(1, 1e-12);
    expect(() => ringWithChords(key(1), 2, 0)).to.throw(DomainError, "n");
    expect(() => ringWithChords(key(1), 5, -1)).to.throw(DomainError, "chords");
  });
});
