import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import {
  type Annotations,
  accuracies,
  annotationsFromColumns,
  annotationsFromRows,
  dawidSkene,
  dawidSkeneAccuracies,
  glad,
  informativeness,
  logOddsWeight,
  mace,
  majorityVote,
  oneCoin,
  outliers,
  spammers,
  weightedVote,
} from "../../../lib/src/preferences/aggregation/index.js";
import { categorical, foldIn, key, permutation, split, uniform } from "../../../lib/src/random/index.js";
import { close } from "../close.js";

interface Golden {
  desc: string;
  sizes: { tasks: number; labelers: number; classes: number };
  annotations: number[][];
  cases: { desc: string; iterations: number; posterior: number[][] }[];
}
const golden: Golden[] = JSON.parse(readFileSync(new URL("../../golden/aggregation.json", import.meta.url), "utf8"));

/** A crowd with known truths: accuracy[w] right, else any other class; a labeler of accuracy -1 always says 0. */
function crowd(seed: number, tasks: number, accuracy: number[], classes = 2, share = 1) {
  const [truthKey, restKey] = split(key(seed));
  const truth = categorical(truthKey, new Array(classes).fill(0), tasks);
  const columns: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < tasks; i++) {
    accuracy.forEach((p, w) => {
      const [asked, right, which] = uniform(foldIn(restKey, i * accuracy.length + w), 3);
      if (asked >= share) return;
      const wrong = (truth[i] + 1 + Math.floor(which * (classes - 1))) % classes;
      columns[0].push(i);
      columns[1].push(w);
      columns[2].push(p < 0 ? 0 : right < p ? truth[i] : wrong);
    });
  }
  const data = annotationsFromColumns(...columns, { tasks, labelers: accuracy.length, classes });
  return { data, truth };
}

const rowsOf = (posterior: Float64Array, classes: number) =>
  Array.from({ length: posterior.length / classes }, (_, i) =>
    Array.from(posterior.subarray(i * classes, (i + 1) * classes)),
  );

const methods: [string, (data: Annotations) => { posterior: Float64Array; label: Int32Array }][] = [
  ["majority vote", majorityVote],
  // Ten steps: at a tie EM stands on a saddle, and given time it makes a landslide of the last bit.
  ["Dawid-Skene", (data) => dawidSkene(data, { iterations: 10 })],
  ["one coin", (data) => oneCoin(data, { iterations: 10 })],
  ["GLAD", (data) => glad(data, { iterations: 20 })],
  ["MACE", mace],
];

const annotations = fc.array(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 40 }).map((rows) =>
  annotationsFromColumns(
    rows.map((r) => r[0]),
    rows.map((r) => r[1]),
    rows.map((r) => r[2]),
    { tasks: 6, labelers: 4, classes: 3 },
  ),
);

describe("aggregation: what many say about many things", () => {
  for (const { desc, sizes, annotations, cases } of golden) {
    for (const c of cases) {
      it(`${desc}: ${c.desc}`, () => {
        const [task, labeler, label] = [0, 1, 2].map((column) => annotations.map((row) => row[column]));
        const data = annotationsFromColumns(task, labeler, label, sizes);
        const fit = dawidSkene(data, { iterations: c.iterations, tolerance: 0, smoothing: 0 });
        close(rowsOf(fit.posterior, 3), c.posterior, 2e-9);
      });
    }
  }

  for (const [name, method] of methods) {
    it(`${name}: rows are distributions, whatever was answered`, () => {
      fc.assert(
        fc.property(annotations, (data) => {
          for (const row of rowsOf(method(data).posterior, 3)) {
            expect(row.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
            for (const p of row) expect(p).to.be.within(0, 1);
          }
        }),
        { numRuns: 40 },
      );
    });

    it(`${name}: renaming the classes renames the answer`, () => {
      fc.assert(
        fc.property(annotations, (data) => {
          const rename = [2, 0, 1];
          const renamed = { ...data, label: data.label.map((c) => rename[c]) };
          const [a, b] = [rowsOf(method(data).posterior, 3), rowsOf(method(renamed).posterior, 3)];
          close(
            b,
            a.map((row) => [row[1], row[2], row[0]]),
            1e-6,
          );
        }),
        { numRuns: 30 },
      );
    });

    it(`${name}: what all say is the answer`, () => {
      const data = annotationsFromColumns(
        [0, 1, 2, 0, 1, 2, 0, 1, 2],
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        [1, 0, 1, 1, 0, 1, 1, 0, 1],
      );
      expect(Array.from(method(data).label)).to.deep.equal([1, 0, 1]);
    });
  }

  for (const [name, method] of [
    ["Dawid-Skene", (d: Annotations) => dawidSkene(d, { smoothing: 0 })],
    ["Dawid-Skene, smoothed", dawidSkene],
    ["one coin", oneCoin],
    ["GLAD", (d: Annotations) => glad(d, { iterations: 30 })],
    ["MACE", mace],
  ] as const) {
    it(`${name}: the likelihood never falls`, () => {
      fc.assert(
        fc.property(annotations, (data) => {
          const path = method(data).logLikelihoods;
          for (let n = 1; n < path.length; n++) expect(path[n]).to.be.at.least(path[n - 1] - 1e-7);
        }),
        { numRuns: 40 },
      );
    });
  }

  it("Dawid-Skene's likelihood is that of every truth enumerated", () => {
    const { data } = crowd(3, 4, [0.9, 0.7, 0.6], 2);
    const fit = dawidSkene(data, { iterations: 3, tolerance: 0, smoothing: 0 });
    let total = 0;
    for (let truths = 0; truths < 16; truths++) {
      let probability = 1;
      for (let i = 0; i < 4; i++) probability *= fit.prior[(truths >> i) & 1];
      for (let k = 0; k < data.task.length; k++) {
        const t = (truths >> data.task[k]) & 1;
        probability *= fit.confusion[(data.labeler[k] * 2 + t) * 2 + data.label[k]];
      }
      total += probability;
    }
    expect(fit.logLikelihoods.at(-1)).to.be.closeTo(Math.log(total), 1e-9);
  });

  it("a log-odds vote is the posterior of Bayes' rule, and beats the precision weights", () => {
    const p = [0.9, 0.6, 0.55];
    const data = annotationsFromColumns([0, 0, 0], [0, 1, 2], [1, 0, 0], { classes: 2 });
    const vote = weightedVote(
      data,
      p.map((accuracy) => logOddsWeight(accuracy)),
    );
    const one = 0.9 * 0.4 * 0.45;
    const zero = 0.1 * 0.6 * 0.55;
    expect(vote.posterior[1]).to.be.closeTo(one / (one + zero), 1e-12);
    // One who is always wrong is as useful as one who is always right: only log-odds know it.
    expect(logOddsWeight(0.1)).to.be.closeTo(-logOddsWeight(0.9), 1e-12);
    expect(logOddsWeight(0.25, 4)).to.be.closeTo(0, 1e-12);
  });

  it("log-odds weights are the best of all weightings, by enumeration of every vote", () => {
    const p = [0.95, 0.7, 0.7, 0.6, 0.55];
    const rightWith = (weights: number[]) => {
      let right = 0;
      for (let votes = 0; votes < 32; votes++) {
        const probability = p.reduce((c, q, w) => c * ((votes >> w) & 1 ? q : 1 - q), 1);
        const lead = weights.reduce((sum, weight, w) => sum + ((votes >> w) & 1 ? weight : -weight), 0);
        right += probability * (lead > 0 ? 1 : lead === 0 ? 0.5 : 0);
      }
      return right;
    };
    const best = rightWith(p.map((q) => logOddsWeight(q)));
    expect(best).to.be.greaterThan(rightWith(p.map(() => 1)) + 0.01);
    for (let seed = 0; seed < 200; seed++) {
      expect(rightWith(Array.from(uniform(key(seed), 5)))).to.be.at.most(best + 1e-12);
    }
  });

  it("models of the labelers beat majority vote where labelers differ, and recover how they differ", () => {
    const truthful = [0.95, 0.9, 0.55, 0.55, 0.55, 0.5, 0.5];
    const { data, truth } = crowd(5, 600, truthful, 2);
    const wrong = (label: Int32Array) => label.filter((c, i) => c !== truth[i]).length / 600;
    const majority = wrong(majorityVote(data).label);
    for (const fit of [dawidSkene(data), oneCoin(data), mace(data), glad(data, { iterations: 30 })]) {
      expect(wrong(fit.label)).to.be.lessThan(0.6 * majority);
    }
    // Standard error of a share of 600 is at most 0.0205; five of them, for 14 numbers.
    close(oneCoin(data).accuracy, accuracies(data, truth), 0.1);
    close(dawidSkeneAccuracies(dawidSkene(data)), accuracies(data, truth), 0.1);
  });

  it("GLAD finds the hard tasks", () => {
    // Labelers are right on easy tasks nine times in ten, on hard ones as good as by luck.
    const { data: easy, truth } = crowd(8, 200, new Array(12).fill(0.9), 2);
    const { data: hard } = crowd(9, 200, new Array(12).fill(0.5), 2);
    const data = annotationsFromColumns(
      [...easy.task, ...hard.task.map((i) => i + 200)],
      [...easy.labeler, ...hard.labeler],
      [...easy.label, ...hard.label],
    );
    const fit = glad(data, { iterations: 40 });
    const mean = (from: number) => fit.easiness.slice(from, from + 200).reduce((a, b) => a + b) / 200;
    expect(mean(0)).to.be.greaterThan(1.5 * mean(200));
    expect(fit.label.slice(0, 200).filter((c, i) => c !== truth[i]).length).to.be.lessThan(5);
  });

  it("MACE tells the spammer who always says the same from the one who errs", () => {
    const { data } = crowd(13, 400, [0.85, 0.8, 0.75, 0.8, -1, 0.65], 3);
    const { competence, strategy } = mace(data);
    expect(competence[4]).to.be.lessThan(0.1);
    expect(strategy[4 * 3]).to.be.greaterThan(0.95);
    expect(competence[5]).to.be.greaterThan(0.25);
  });

  it("spammers, adversaries and outliers are named, honest labelers are not", () => {
    const { data } = crowd(21, 500, [0.9, 0.85, 0.8, 0.9, 0.5, 0.15, -1], 2);
    const fit = dawidSkene(data);
    const found = new Map(spammers(data, fit).map((s) => [s.labeler, s.kind]));
    expect(Object.fromEntries(found)).to.deep.equal({ 4: "spammer", 5: "adversary", 6: "spammer" });
    const odd = outliers(data).map((s) => s.labeler);
    expect(odd).to.include(5);
    for (const honest of [0, 1, 2, 3]) expect(odd).not.to.include(honest);
  });

  it("a coin tosser's p-value is spread evenly: their own answers do not count as truth", () => {
    // Five honest labelers and one coin, 60 worlds: p-values below 0.05 in 3 of them, at most 9 with probability 0.999.
    let low = 0;
    for (let seed = 100; seed < 160; seed++) {
      const { data } = crowd(seed, 80, [0.7, 0.7, 0.7, 0.7, 0.7, 0.5], 2);
      const coin = spammers(data, dawidSkene(data), 0.99).find((s) => s.labeler === 5);
      if (coin!.pValue < 0.05) low++;
    }
    expect(low).to.be.at.most(9);
  });

  it("where most people lie, a few known answers find the right one of the two solutions", () => {
    const { data, truth } = crowd(31, 300, [0.85, 0.8, 0.75, 0.25, 0.2, 0.25, 0.2], 2);
    const wrong = (label: Int32Array) => label.filter((c, i) => c !== truth[i]).length / 300;
    const gold = new Map(Array.from({ length: 10 }, (_, i) => [i, truth[i]]));
    expect(wrong(dawidSkene(data).label)).to.be.greaterThan(0.9);
    const fit = dawidSkene(data, { gold, smoothing: 0 });
    expect(wrong(fit.label)).to.be.lessThan(0.1);
    for (let i = 0; i < 10; i++) expect(fit.posterior[2 * i + truth[i]]).to.equal(1);
    for (let n = 1; n < fit.logLikelihoods.length; n++) {
      expect(fit.logLikelihoods[n]).to.be.at.least(fit.logLikelihoods[n - 1] - 1e-9);
    }
    expect(() => dawidSkene(data, { gold: new Map([[0, 2]]) })).to.throw(DomainError, "gold");
    expect(() => dawidSkene(data, { gold: new Map([[300, 0]]) })).to.throw(DomainError, "gold");
  });

  it("informativeness is 0 for a coin, 1 for a perfect labeler and for a perfect liar", () => {
    const { data } = crowd(2, 300, [0.97, 0.97, 0.97, 1, 0, -1], 2);
    const score = informativeness(dawidSkene(data, { smoothing: 0 }));
    expect(score[3]).to.be.greaterThan(0.95);
    expect(score[4]).to.be.greaterThan(0.95);
    expect(score[5]).to.be.lessThan(1e-6);
  });

  it("names become numbers in order of appearance", () => {
    const data = annotationsFromRows([
      { task: "a", labeler: "ann", label: "yes" },
      { task: "b", labeler: "bob", label: "no" },
    ]);
    expect(data.classNames).to.deep.equal(["yes", "no"]);
    expect([data.tasks, data.labelers, data.classes]).to.deep.equal([2, 2, 2]);
  });

  it("where nobody's answers depend on the truth EM stays, whatever the order of sums, and says that it is a saddle", () => {
    // Every answer is given as often for each known truth: all rows of each table are alike, so that
    // nothing is known of the rest.
    const rows: [answer: number, truth: number | undefined][] = [];
    for (const answer of [0, 1, 2]) {
      for (const truth of [0, 1, 2]) for (let m = 0; m < 9; m++) rows.push([answer, m < 3 ? truth : undefined]);
    }
    for (let k = 0; k < 12; k++) {
      const order = permutation(foldIn(key(8), k), rows.length);
      const columns: [number[], number[], number[]] = [[], [], []];
      const gold = new Map<number, number>();
      order.forEach((r, task) => {
        const [answer, truth] = rows[r];
        for (const labeler of [0, 1]) {
          columns[0].push(task);
          columns[1].push(labeler);
          columns[2].push((answer + labeler) % 3);
        }
        if (truth !== undefined) gold.set(task, truth);
      });
      const data = annotationsFromColumns(...columns);
      for (const smoothing of [0, 0.01]) {
        const fit = dawidSkene(data, { gold, smoothing, iterations: 1000, tolerance: 0 });
        expect(fit.alike).to.deep.equal([[0, 1, 2]]);
        for (let task = 0; task < data.tasks; task++) {
          if (gold.has(task)) continue;
          close(fit.posterior.subarray(task * 3, task * 3 + 3), [1 / 3, 1 / 3, 1 / 3], 1e-12);
        }
      }
      const told = dawidSkene(data, { gold: new Map([...gold].map(([i]) => [i, data.label[2 * i]])) });
      expect(told.alike).to.deep.equal([]);
    }
  });

  for (const [name, method] of [
    ["MACE", mace],
    ["GLAD", glad],
  ] as const) {
    it(`${name}: where every task is a tie EM stays, whatever the order of sums, and says that it is a saddle`, () => {
      // In each block of tasks every labeler of a kind gives each class once, and each class gets one answer of each
      // kind; kinds differ in how many blocks they answer, so that sums over a task's answers are of unequal numbers.
      for (const [K, kinds, blocks] of [
        [2, 2, 3],
        [2, 5, 7],
        [3, 3, 4],
        [4, 3, 3],
      ]) {
        const rows: [task: number, labeler: number, label: number][] = [];
        for (let kind = 0; kind < kinds; kind++) {
          for (let task = 0; task < (blocks - kind) * K; task++) {
            for (let w = 0; w < K; w++) rows.push([task, kind * K + w, (task + w) % K]);
          }
        }
        for (let k = 0; k < 6; k++) {
          const shuffled = Array.from(permutation(foldIn(key(9), k), rows.length), (r) => rows[r]);
          const columns = [0, 1, 2].map((c) => shuffled.map((row) => row[c]));
          const data = annotationsFromColumns(columns[0], columns[1], columns[2]);
          const fit = method(data, { iterations: 400, tolerance: 0 });
          expect(fit.alike).to.deep.equal([Array.from({ length: K }, (_, c) => c)]);
          close(fit.posterior, new Float64Array(blocks * K * K).fill(1 / K), 1e-12);
          // One answer more, and it is none.
          const more = [0, kinds * K, 0].map((last, c) => [...columns[c], last]);
          const told = method(annotationsFromColumns(more[0], more[1], more[2]), { iterations: 50 });
          expect(told.alike.flat()).not.to.include(0);
        }
      }
    });
  }

  it("one coin: at chance it stays, and says so", () => {
    // All three answers once for each task, each labeler giving each class: nothing to go by.
    const square = annotationsFromColumns(
      [0, 0, 0, 1, 1, 1, 2, 2, 2],
      [0, 1, 2, 0, 1, 2, 0, 1, 2],
      [0, 1, 2, 1, 2, 0, 2, 0, 1],
    );
    const stuck = oneCoin(square, { right: 0, wrong: 0, iterations: 1000, tolerance: 0 });
    expect(stuck.saddle).to.equal(true);
    close(stuck.posterior, new Float64Array(9).fill(1 / 3), 1e-12);
    expect(oneCoin(annotationsFromColumns([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1])).saddle).to.equal(false);
  });

  it("bad input is told what is wrong with it", () => {
    expect(() => annotationsFromColumns([0], [0, 1], [0])).to.throw(ShapeError, "same length");
    expect(() => annotationsFromColumns([0], [0], [2], { classes: 2 })).to.throw(DomainError, "from 0 to 1");
    expect(() => annotationsFromColumns([-1], [0], [0])).to.throw(DomainError, "task of annotation 0");
    expect(() => annotationsFromColumns([Number.NaN], [0], [0])).to.throw(DomainError);
    expect(() => annotationsFromRows([{ task: "a", labeler: "b", label: "maybe" }], ["no", "yes"])).to.throw("maybe");
    const none = annotationsFromColumns([], [], [], { tasks: 2, labelers: 1, classes: 2 });
    expect(Array.from(majorityVote(none).posterior)).to.deep.equal([0.5, 0.5, 0.5, 0.5]);
    for (const method of [dawidSkene, oneCoin, glad, mace])
      expect(() => method(none)).to.throw(DomainError, "at least one");
    const one = annotationsFromColumns([0], [0], [1]);
    expect(() => weightedVote(one, [1, 2])).to.throw(ShapeError);
    expect(() => weightedVote(one, [Number.POSITIVE_INFINITY])).to.throw(DomainError, "inside (0, 1)");
    expect(() => logOddsWeight(1.5)).to.throw(DomainError);
    expect(() => dawidSkene(one, { iterations: 0 })).to.throw(DomainError, "iterations");
    expect(() => dawidSkene(one, { smoothing: -1 })).to.throw(DomainError, "smoothing");
  });

  it("a hundred thousand times the same answer is that answer", () => {
    const n = 100_000;
    const data = annotationsFromColumns(new Array(n).fill(0), new Array(n).fill(0), new Array(n).fill(1));
    for (const [, method] of methods) expect(method(data).label[0]).to.equal(1);
  });
});
