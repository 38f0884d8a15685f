import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { differenceGradient, exactKL, logSoftmax, mean, standardError } from "../../lib/src/numerics/index.js";
import { key } from "../../lib/src/random/index.js";
import {
  againstFlatteringCritic,
  againstHarshestCritic,
  chooseTask,
  criticLossAndGradient,
  expectedDiversity,
  giniSimpson,
  learningProgress,
  lockPolicy,
  lockStep,
  lockSuccess,
  optimalCritic,
  regressionGenerations,
  resampleGenerations,
  selfLabelled,
  spinStep,
  stepsToOpen,
} from "../../lib/src/selfplay/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/populations.json", import.meta.url), "utf8"));
const logs = (p: number[]) => p.map(Math.log);
const probs = (l: ArrayLike<number>) => Array.from(l, Math.exp);
const close = (got: ArrayLike<number>, wanted: number[], tolerance = 1e-9) => {
  expect(got.length).to.equal(wanted.length);
  wanted.forEach((w, i) => {
    expect(got[i]).to.be.closeTo(w, tolerance);
  });
};
const data = logs([0.4, 0.3, 0.2, 0.1]);
const start = [...data].reverse();

describe("SPIN's step", () => {
  it("multiplies log(pi / data) by 1 - 1/lambda, up to a constant", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5, noNaN: true }), (lambda) => {
        const next = spinStep(start, data, lambda);
        const off = (l: ArrayLike<number>, y: number) => l[y] - data[y] - (l[0] - data[0]);
        for (const y of [1, 2, 3]) expect(off(next, y)).to.be.closeTo((1 - 1 / lambda) * off(start, y), 1e-9);
        expect(probs(next).reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      }),
    );
  });

  it("is there at once for lambda 1, swings at 1/2, and leaves below", () => {
    const kls = (lambda: number, steps: number) => {
      let policy: ArrayLike<number> = start;
      return Array.from({ length: steps }, () => {
        policy = spinStep(policy, data, lambda);
        return exactKL(data, policy);
      });
    };
    close(kls(1, 2), [0, 0]);
    close(kls(2, 3), [0.112, 0.027, 0.007], 6e-4);
    close(kls(0.5, 4), [0.336, 0.456, 0.336, 0.456], 6e-4);
    expect(kls(0.4, 6)[5]).to.be.above(5);
    close(kls(3, 30).slice(-1), [0], 1e-9);
  });

  it("does not look at constants, and refuses what it cannot use", () => {
    close(
      spinStep(
        start.map((l) => l + 3),
        data.map((l) => l - 8),
        2,
      ),
      Array.from(spinStep(start, data, 2)),
    );
    expect(() => spinStep(start, data, 0)).to.throw(DomainError, "lambda");
    expect(() => spinStep(start, data.slice(1), 1)).to.throw(ShapeError, "logData");
    expect(() => spinStep([Number.NEGATIVE_INFINITY, 0], [0, 0], 1)).to.throw(DomainError, "logPolicy[0]");
  });
});

describe("self-training", () => {
  const ref = logs([0.1, 0.2, 0.3, 0.4]);

  it("is rejection sampling, round after round: Bayes' rule by hand", () => {
    let p = probs(ref);
    const a = [0.9, 0.9, 0.1, 0.5];
    for (let k = 1; k <= 4; k++) {
      const passed = p.map((x, y) => x * a[y]);
      const total = passed.reduce((s, x) => s + x);
      p = passed.map((x) => x / total);
      close(probs(selfLabelled(ref, a, k)), p);
    }
  });

  it("learns nothing from a judge that passes everything alike, and never parts what is passed alike", () => {
    close(selfLabelled(ref, [0.3, 0.3, 0.3, 0.3], 50), ref);
    const after = selfLabelled(ref, [1, 0, 1, 0], 9);
    expect(after[2] - after[0]).to.be.closeTo(Math.log(3), 1e-12);
    expect(Math.exp(after[1])).to.equal(0);
    close(selfLabelled(ref, [1, 0, 1, 0], 0), ref);
  });

  it("refuses what it cannot use", () => {
    expect(() => selfLabelled(ref, [0, 0, 0, 0], 1)).to.throw(DomainError, "something that passes");
    expect(() => selfLabelled(ref, [1, 1, 1, 2], 1)).to.throw(DomainError, "acceptance[3]");
    expect(() => selfLabelled(ref, [1], 1)).to.throw(ShapeError);
    expect(() => selfLabelled(ref, [1, 1, 1, 1], -1)).to.throw(DomainError, "rounds");
  });
});

describe("generations that learn from their own samples", () => {
  const zipf = Array.from({ length: 50 }, (_, i) => 1 / (i + 1));
  const p = zipf.map((x) => x / zipf.reduce((a, b) => a + b));
  const many = (options: object, t: number) =>
    Array.from({ length: 60 }, (_, i) =>
      giniSimpson(resampleGenerations(key(i + 1), p, { n: 100, generations: 30, ...options })[t]),
    );

  it("lose diversity as neutral drift does, exactly", () => {
    const expected = expectedDiversity(p, { n: 100, generations: 30 });
    expect(expected[30]).to.be.closeTo(giniSimpson(p) * 0.99 ** 30, 1e-12);
    const seen = many({}, 30);
    expect(Math.abs(mean(seen) - expected[30])).to.be.below(3 * standardError(seen));
  });

  it("and keep it with half of the data real, as the recursion says", () => {
    const expected = expectedDiversity(p, { n: 100, generations: 30, real: 0.5 });
    const seen = many({ real: 0.5 }, 30);
    expect(Math.abs(mean(seen) - expected[30])).to.be.below(3 * standardError(seen));
    expect(expected[30]).to.be.above(0.905);
    // All of it real: one refit, whatever the generation.
    close(expectedDiversity(p, { n: 100, generations: 3, real: 1 }).slice(1), Array(3).fill(giniSimpson(p) * 0.99));
  });

  it("and with all data kept", () => {
    expect(mean(many({ data: "accumulate" }, 30))).to.be.above(0.89);
    const [first, next] = resampleGenerations(key(1), [0.5, 0.5], { n: 10, generations: 1, data: "accumulate" });
    expect(Array.from(first)).to.deep.equal([0.5, 0.5]);
    expect(next[0] + next[1]).to.be.closeTo(1, 1e-12);
  });

  it("a regression's error grows by the same amount each time, or stays if the data accumulate", () => {
    const errors = (way: "replace" | "accumulate", t: number) =>
      Array.from(
        { length: 300 },
        (_, i) => regressionGenerations(key(i + 1), { d: 10, n: 100, generations: 5, data: way })[t],
      );
    const { perGeneration } = golden[2];
    for (const t of [0, 4]) {
      const seen = errors("replace", t);
      expect(Math.abs(mean(seen) - (t + 1) * perGeneration)).to.be.below(3.5 * standardError(seen));
    }
    expect(mean(errors("accumulate", 4))).to.be.below((Math.PI ** 2 / 6) * perGeneration);
    expect(mean(errors("accumulate", 4))).to.be.above(perGeneration * 1.2); // 1 + 1/4 + 1/9 + ... : it does grow
  });

  it("refuse what they cannot use", () => {
    expect(() => resampleGenerations(key(1), [0.5, 0.4], { n: 1, generations: 1 })).to.throw(
      DomainError,
      "add up to 1",
    );
    expect(() => resampleGenerations(key(1), [1], { n: 0, generations: 1 })).to.throw(DomainError, "n");
    expect(() => resampleGenerations(key(1), [1], { n: 1, generations: 1, real: 2 })).to.throw(DomainError, "real");
    expect(() => regressionGenerations(key(1), { d: 9, n: 10, generations: 1 })).to.throw(DomainError, "more than");
  });
});

describe("curricula", () => {
  const steps = (length: number, positions: (policy: Float64Array[], now: number) => number) => {
    let policy = lockPolicy({ length });
    let [n, now] = [0, 1];
    while (lockSuccess(policy) <= 0.5) {
      now = positions(policy, now);
      policy = lockStep(policy, { rate: 1, length: now });
      n++;
    }
    return n;
  };

  it("a lock by the exact gradient, whole and position by position", () => {
    expect([4, 5, 6].map((L) => steps(L, () => L))).to.deep.equal([120, 349, 1091]);
    const grow = (L: number) => (policy: Float64Array[], now: number) => {
      let at = now;
      while (at < L && lockSuccess(policy, at) > 0.7) at++;
      return at;
    };
    expect([4, 5, 6, 8].map((L) => steps(L, grow(L)))).to.deep.equal([38, 51, 65, 96]);
  });

  it("a teacher of each kind, by its name", () => {
    expect(stepsToOpen(key(1), { length: 5, teacher: "whole" })).to.equal(349);
    expect(stepsToOpen(key(1), { length: 5, teacher: "grow" })).to.equal(51);
    expect(stepsToOpen(key(1), { length: 5, teacher: "whole", most: 100 })).to.equal(100);
    for (let seed = 1; seed <= 5; seed++) {
      expect(stepsToOpen(key(seed), { length: 6, teacher: "progress" })).to.be.within(66, 700);
    }
  });

  it("the step is the gradient of the success, by differences", () => {
    const policy = [Float64Array.of(0.3, -0.2, 0.1), Float64Array.of(-1, 0.4, 0.2)];
    const flat = policy.flatMap((logits) => Array.from(logits));
    const shape = (z: ArrayLike<number>) => [0, 1].map((l) => Float64Array.from({ length: 3 }, (_, s) => z[3 * l + s]));
    const gradient = differenceGradient((z) => lockSuccess(shape(z)), flat);
    const moved = lockStep(policy, { rate: 1 }).flatMap((logits) => Array.from(logits));
    close(
      moved.map((z, i) => z - flat[i]),
      Array.from(gradient),
      1e-7,
    );
    expect(lockStep(policy, { rate: 1, length: 1 })[1]).to.equal(policy[1]);
  });

  it("progress is what has changed, up or down; a task without news has none", () => {
    close(learningProgress([[0, 0.2, 0.4, 0.6], [0.6, 0.4], [1, 1, 1], [0.3], []]), [0.4, 0.2, 0, 0, 0]);
    close(learningProgress([[9, 9, 0, 0, 1, 1]], { window: 4 }), [1]);
    expect(chooseTask(key(1), [0, 3, 3], { explore: 0 })).to.equal(1);
    const any = new Set(Array.from({ length: 60 }, (_, i) => chooseTask(key(i), [0, 3, 1], { explore: 1 })));
    expect(any.size).to.equal(3);
  });

  it("refuse what they cannot use", () => {
    expect(() => lockPolicy({ length: 0 })).to.throw(DomainError, "length");
    expect(() => learningProgress([[1]], { window: 1 })).to.throw(DomainError, "window");
    expect(() => chooseTask(key(1), [])).to.throw(DomainError, "progress");
  });
});

describe("writer and critic", () => {
  const scores = [
    [1, 0.1, 0.6],
    [0.1, 1, 0.6],
    [0.7, 0.7, 0.5],
    [0.2, 0.2, 0.1],
    [0.9, 0.5, 0.2],
  ];

  it("the right way round: the most from the harshest; the wrong way: what nobody can praise", async () => {
    const right = await againstHarshestCritic(scores);
    close(right.writer, [0.4, 0.4, 0.2, 0, 0], 1e-7);
    expect(right.value).to.be.closeTo(0.58, 1e-9);
    const wrong = await againstFlatteringCritic(scores);
    close(wrong.writer, [0, 0, 0, 1, 0], 1e-7);
    expect(wrong.value).to.be.closeTo(0.2, 1e-9);
    expect(wrong.critic[2]).to.be.closeTo(0, 1e-7);
  });

  it("the critic's gradient by differences, its optimum, and what is left of its loss", () => {
    const [good, written] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.2, 0.6],
    ];
    const z = [0.3, -1, 2];
    const loss = (logits: ArrayLike<number>) => criticLossAndGradient(logits, good, written).loss;
    close(criticLossAndGradient(z, good, written).gradient, Array.from(differenceGradient(loss, z)), 1e-7);
    const best = optimalCritic(logs(good), logs(written));
    close(criticLossAndGradient(best.logits, good, written).gradient, [0, 0, 0], 1e-12);
    expect(best.loss).to.be.closeTo(loss(best.logits), 1e-12);
    const middle = logs(good.map((g, i) => (g + written[i]) / 2));
    const js = (exactKL(logs(good), middle) + exactKL(logs(written), middle)) / 2;
    expect(best.loss).to.be.closeTo(2 * Math.LN2 - 2 * js, 1e-12);
    expect(optimalCritic(data, data).loss).to.be.closeTo(Math.log(4), 1e-12);
    // ln 4 is the most, wherever the writer is.
    expect(optimalCritic(data, logSoftmax([1, 2, 3, 4])).loss).to.be.below(Math.log(4));
  });

  it("refuse what they cannot use", () => {
    expect(() => criticLossAndGradient([0], [1, 0], [1, 0])).to.throw(ShapeError, "logits");
    expect(() => criticLossAndGradient([0, 0], [1, 0], [1])).to.throw(ShapeError, "written");
    expect(() => optimalCritic([0], [Number.NEGATIVE_INFINITY])).to.throw(DomainError, "logWritten[0]");
  });
});
