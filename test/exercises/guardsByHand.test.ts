// Right answers in another style: a guard of 1e-8 in a divisor or a logarithm, where the text does not forbid it.
import { expect } from "chai";
import { allExercises } from "../../course/src/grade/lessons.js";
import { readMasters } from "../../scripts/master/course.js";
import { type Answers, answersOf, grade, RUNS } from "./grade.js";

const GUARD = 1e-8;
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const share = (weights: number[]) => weights.map((w) => w / (sum(weights) + GUARD));
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
const kept = (p: number) => Math.min(1 - GUARD, Math.max(GUARD, p));

type Branch = number | [number, Branch][];

const guarded: Record<string, Answers> = {
  "21/wmsr": {
    listenToFewer: (own: number, heard: number[], F: number) => {
      const above = Float64Array.from(heard.filter((x) => x > own)).sort();
      const below = Float64Array.from(heard.filter((x) => x < own)).sort();
      const left = [
        ...heard.filter((x) => x === own),
        ...below.slice(F),
        ...above.slice(0, Math.max(0, above.length - F)),
      ];
      return (own + sum(left)) / (1 + left.length + GUARD);
    },
  },
  "21/equilibria": {
    equilibriaAndPrices: (A: number[][], B: number[][]) => {
      const cells = A.flatMap((row, i) => row.map((_, j) => [i, j]));
      const found = cells.filter(
        ([i, j]) => A.every((row) => row[j] <= A[i][j] + GUARD) && B[i].every((b) => b <= B[i][j] + GUARD),
      );
      const worth = ([i, j]: number[]) => A[i][j] + B[i][j];
      const worths = found.map(worth);
      const best = most(cells.map(worth));
      return [found, best / (-most(worths.map((w) => -w)) + GUARD), best / (most(worths) + GUARD)];
    },
  },
  "21/fedavg": {
    restingPoint: (a: number[], c: number[], rate: number, localSteps: number) => {
      const w = Float64Array.from(a, (curvature) => 1 - (1 - rate * curvature) ** localSteps);
      return sum(w.map((x, i) => x * c[i])) / (sum(w) + GUARD);
    },
  },
  "22/mutual-information": {
    informationBits: (prior: number[], P: number[][]) => {
      const q = P[0].map((_, y) => sum(P.map((row, x) => prior[x] * row[y])));
      return sum(P.map((row, x) => sum(row.map((p, y) => prior[x] * p * Math.log2((p + 1e-12) / (q[y] + GUARD))))));
    },
  },
  "22/labeler-capacity": {
    labelerBits: (m: number, tau: number, lapse: number) => {
      const p = kept(lapse / 2 + (1 - lapse) / (1 + Math.exp(m / tau)));
      return 1 + p * Math.log2(p) + (1 - p) * Math.log2(1 - p);
    },
  },
  "22/ceiling": {
    ceiling: (curve: number[][], n: number, C: number, persons: number) => {
      const r = Math.min(Math.log2(persons), n * C);
      for (let i = 1; i < curve.length; i++) {
        const [[r0, u0], [r1, u1]] = [curve[i - 1], curve[i]];
        if (r <= r1) return u0 + ((r - r0) / (r1 - r0 + GUARD)) * (u1 - u0);
      }
      return curve[curve.length - 1][1];
    },
  },
  "22/blahut-arimoto": {
    blahutArimotoStep: (prior: number[], utility: number[][], marginal: number[], beta: number) => {
      const policy = utility.map((row) =>
        Float64Array.from(share(row.map((u, y) => marginal[y] * Math.exp((u - most(row)) / beta)))),
      );
      return [policy, Float64Array.from(marginal, (_, y) => sum(policy.map((row, v) => prior[v] * row[y])))];
    },
  },
  "22/mirror-step": {
    mirrorOnce: (logPi: number[], logRef: number[], reward: number[], eta: number, beta: number) => {
      const next = logPi.map((l, y) => (l + eta * (reward[y] + beta * logRef[y])) / (1 + eta * beta));
      return share(next.map((l) => Math.exp(l - most(next)))).map((p) => Math.log(p + 1e-10));
    },
  },
  "22/two-kls": {
    bothWays: (p: number[], q: number[]) =>
      [
        [p, q],
        [q, p],
      ].map(([a, b]) => sum(a.map((x, y) => (x > 0 ? x * Math.log((x + 1e-12) / b[y]) : 0)))),
  },
  "22/soft-value": {
    softValue: function soft(branch: Branch, beta: number): number {
      if (typeof branch === "number") return branch;
      const values = branch.map(([p, next]) => ({ p, value: soft(next, beta) }));
      const top = most(values.map(({ value }) => value));
      return top + beta * Math.log(sum(values.map(({ p, value }) => p * Math.exp((value - top) / beta))) + GUARD);
    },
  },
  "22/find-the-bug": { circleLottery: (a: number, b: number, c: number) => share([b, c, a]) },
  "23/one-term-slope": {
    printedSlope: (y: number[], d: number[]) =>
      Float64Array.from(d, (x, i) => y[i] * (1 - 1 / (1 + Math.exp(-x) + GUARD))),
  },
  "23/coverage-at-the-top": {
    winnersCoverage: (truths: number[][], estimates: number[][], z: number) => {
      const holds = estimates.map((draw, i) => (truths[i][draw.indexOf(most(draw))] >= most(draw) - z ? 1 : 0));
      return sum(holds) / (holds.length + GUARD);
    },
  },
  "23/common-gauge": {
    centredMinimum: (members: number[][], ref: number[]) => {
      const weights = share(ref);
      const zeros = members.map((r) => sum(r.map((x, y) => x * weights[y])));
      return Float64Array.from(ref, (_, y) => -most(members.map((r, k) => zeros[k] - r[y])));
    },
  },
  "23/dominated": { dominatedLottery: (lambda: number) => [[0, 5 / (lambda + GUARD)], share([1, 1])] },
  "23/last-and-mean": {
    lastAndMean: (G: number[][], x: number[], y: number[], rate: number, rounds: number) => {
      const stepped = (own: number[], other: number[]) =>
        share(own.map((p, i) => p * Math.exp(rate * sum(G[i].map((g, j) => g * other[j])))));
      let [one, two] = [x, y];
      const mean = Float64Array.from(x, () => 0);
      for (let t = 0; t < rounds; t++) {
        one.forEach((p, i) => {
          mean[i] += p / (rounds + GUARD);
        });
        [one, two] = [stepped(one, two), stepped(two, one)];
      }
      return [one, mean];
    },
  },
  "23/find-the-bug": {
    reinforceLoop: (rewards: number[], u: number[], rate: number, baseline: number) => {
      const logits = new Float64Array(rewards.length);
      const softmax = () => share(Array.from(logits, (l) => Math.exp(l - most(Array.from(logits)))));
      for (const draw of u) {
        const p = softmax();
        let [y, reached] = [0, p[0]];
        while (reached <= draw && y < p.length - 1) reached += p[++y];
        for (let i = 0; i < p.length; i++) logits[i] += rate * (rewards[y] - baseline) * (Number(i === y) - p[i]);
      }
      return Float64Array.from(softmax());
    },
  },
  "23/paired": {
    pairedInterval: (a: number[], b: number[]) => {
      const d = a.map((x, i) => x - b[i]);
      const mean = sum(d) / d.length;
      const error = Math.sqrt(sum(d.map((x) => (x - mean) ** 2)) / (d.length - 1 + GUARD) / d.length);
      return Float64Array.of(mean, mean - 2 * error, mean + 2 * error);
    },
  },
};

describe("right answers with a guard of 1e-8", () => {
  it("are of exercises that there are", async () => {
    const ids = (await allExercises()).map(({ id }) => id);
    expect(ids).to.include.members(Object.keys(guarded));
  });

  for (const [id, answers] of Object.entries(guarded)) {
    it(`${id} passes, every time`, async () => {
      const exercise = (await allExercises()).find((one) => one.id === id);
      const master = readMasters().find(({ lesson }) => id.startsWith(lesson));
      if (exercise === undefined || master === undefined) throw new Error(`no exercise ${id}`);
      const given = { ...(await answersOf(master, exercise, "solution")), ...answers };
      for (let run = 0; run < RUNS; run++) {
        for (const part of await grade(exercise, given, run)) {
          expect(part.passed, `${part.name}: ${part.message}`).to.equal(true);
        }
      }
    });
  }
});
