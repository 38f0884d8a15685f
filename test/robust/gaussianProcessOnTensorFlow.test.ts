import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { foldIn, key, normal, uniform } from "../../lib/src/random/index.js";
import { gaussianProcess, matern52, squaredExponential } from "../../lib/src/robust/index.js";
import { gaussianProcessOnTensorFlow, type KernelName, type NamedKernel } from "../../lib/src/robust/tensor.js";
import { nativeBackend } from "../../lib/src/tensor/native.js";
import { counted, replaced, whereTensorFlowIsNotAsked } from "../tensor/watchedBinding.js";

const kernels = { squaredExponential, matern52 };
const names = Object.keys(kernels) as KernelName[];

/** Measurements, points to ask for, and both processes. */
function example(named: NamedKernel, n: number, m: number, d: number, noise: number, seed = 1) {
  const points = (count: number, id: number) => {
    const draws = uniform(foldIn(key(seed), id), count * d);
    return Array.from({ length: count }, (_, i) => draws.slice(i * d, (i + 1) * d));
  };
  const [x, z, y] = [points(n, 0), points(m, 1), normal(foldIn(key(seed), 2), n)];
  const plain = gaussianProcess(kernels[named.kernel](named), x, y, noise);
  return { x, y, z, plain, twin: gaussianProcessOnTensorFlow(named, x, y, noise) };
}

/** Equal to 1e-10 of `size`; numbers that are not are far apart. */
function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, size: number): void {
  expect(got).to.be.instanceOf(Float64Array);
  expect(got.length).to.equal(expected.length);
  for (let i = 0; i < got.length; i++) expect(got[i], `${i}`).to.be.closeTo(expected[i], 1e-10 * size);
}

describe("Gaussian processes on TensorFlow", () => {
  it("are the plain ones to rounding: beliefs, evidence, the most improving (property)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(1e-6, 1, 1e6),
        (kernel, n, m, d, seed, deviation) => {
          const noise = 0.3 * deviation;
          const { z, plain, twin } = example({ kernel, length: 0.4, deviation }, n, m, d, noise, seed);
          const [ours, theirs] = [twin.at(z), plain.at(z)];
          // Measurements are of size 1 here, whatever the kernel believes.
          expectClose(ours.mean, theirs.mean, 1);
          expectClose(ours.deviation, theirs.deviation, deviation);
          const [joint, other] = [twin.jointly(z), plain.jointly(z)];
          expectClose(joint.mean, other.mean, 1);
          expectClose(joint.covariance, other.covariance, deviation ** 2);
          expect(twin.logEvidence).to.be.closeTo(plain.logEvidence, 1e-10 * Math.abs(plain.logEvidence));
          const [most, expected] = [twin.mostImproving(z, 0.5), plain.mostImproving(z, 0.5)];
          expect(most.choice).to.equal(expected.choice);
          const size = 1 + Math.abs(expected.logImprovement);
          expect(most.logImprovement).to.be.closeTo(expected.logImprovement, 1e-7 * size);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("at hundreds of points, and again with other numbers of them", () => {
    for (const [n, m] of [
      [301, 200],
      [300, 1],
      [2, 333],
    ]) {
      const { z, plain, twin } = example({ kernel: "squaredExponential", length: 0.3 }, n, m, 3, 0.1);
      expectClose(twin.at(z).mean, plain.at(z).mean, 1);
      expectClose(twin.at(z).deviation, plain.at(z).deviation, 1);
    }
  });

  it("of one point, by hand; deviation is 1 by default", () => {
    for (const kernel of names) {
      const process = gaussianProcessOnTensorFlow({ kernel, length: 2 }, [[1, 2]], [3], 0.5);
      const own = kernels[kernel]({ length: 2 })([1, 2], [2, 2]);
      const { mean, deviation } = process.at([[2, 2]]);
      expectClose(mean, [(own * 3) / 1.25], 1);
      expectClose(deviation, [Math.sqrt(1 - own ** 2 / 1.25)], 1);
    }
  });

  it("with next to no noise, or none, go through the measurements", () => {
    const x = [[0], [1], [3], [4.5], [7]];
    const y = [1, -1, 2, 0, 0.5];
    for (const noise of [0, 1e-9]) {
      for (const kernel of names) {
        const { mean, deviation } = gaussianProcessOnTensorFlow({ kernel, length: 1 }, x, y, noise).at(x);
        expectClose(mean, y, 10);
        for (const sd of deviation) expect(sd).to.be.within(0, 1e-7);
      }
    }
  });

  it("without measurements, coordinates or candidates", () => {
    const named = { kernel: "matern52", length: 1, deviation: 2 } as const;
    const prior = gaussianProcessOnTensorFlow(named, [], [], 0);
    expect(prior.at([[5]])).to.deep.equal({ mean: Float64Array.of(0), deviation: Float64Array.of(2) });
    const process = gaussianProcessOnTensorFlow(named, [[1]], [1], 0);
    expect(process.at([])).to.deep.equal({ mean: new Float64Array(), deviation: new Float64Array() });
    const { mean } = gaussianProcessOnTensorFlow(named, [[], []], [1, 3], 2).at([[]]);
    expectClose(mean, [4 / 3], 1);
  });

  it("where nothing can improve, choose the greatest mean, as the plain one", () => {
    const x = [[0], [5], [10]];
    const y = [0, 1, 0.5];
    const twin = gaussianProcessOnTensorFlow({ kernel: "squaredExponential", length: 0.1 }, x, y, 0);
    const plain = gaussianProcess(squaredExponential({ length: 0.1 }), x, y, 0);
    expect(twin.mostImproving(x, 2)).to.deep.equal({ choice: 1, logImprovement: Number.NEGATIVE_INFINITY });
    expect(twin.mostImproving(x, 2)).to.deep.equal(plain.mostImproving(x, 2));
  });

  it("refuse what the plain one refuses, in the same words", () => {
    type Arguments = [x: number[][], y: number[], noise: number];
    const bad: Arguments[] = [
      [[[1], [1]], [0, 1], 0],
      [[[1], [1 + 1e-9]], [0, 1], 0],
      [[[1]], [0, 1], 0.1],
      [[[1], [1, 2]], [0, 1], 0.1],
      [[[Number.NaN]], [0], 0.1],
      [[[1]], [Number.POSITIVE_INFINITY], 0.1],
      [[[1]], [0], -1],
      [[[1]], [0], Number.NaN],
    ];
    const said = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        if (error instanceof DomainError || error instanceof ShapeError) return `${error.name} ${error.message}`;
        throw error;
      }
      return "nothing";
    };
    for (const kernel of names) {
      const plain = (...args: Arguments) => gaussianProcess(kernels[kernel]({ length: 1 }), ...args);
      const twin = (...args: Arguments) => gaussianProcessOnTensorFlow({ kernel, length: 1 }, ...args);
      for (const args of bad) {
        const words = said(() => plain(...args));
        if (kernel === "squaredExponential") expect(words, JSON.stringify(args)).not.to.equal("nothing");
        expect(said(() => twin(...args))).to.equal(words);
      }
      const ask = [[[1, 2]], [[Number.NaN]]];
      for (const points of ask) {
        const words = said(() => plain([[1]], [0], 0.1).at(points));
        expect(words).not.to.equal("nothing");
        expect(said(() => twin([[1]], [0], 0.1).at(points))).to.equal(words);
        expect(said(() => twin([[1]], [0], 0.1).mostImproving(points, 0))).to.equal(words);
      }
      expect(() => twin([[1]], [0], 0.1).mostImproving([], 0)).to.throw(ShapeError, "at least one point");
      expect(() => twin([[1]], [0], 0.1).mostImproving([[1]], Number.NaN)).to.throw(DomainError, "best");
      expect(() => gaussianProcessOnTensorFlow({ kernel, length: 0 }, [], [], 0)).to.throw(DomainError, "length");
    }
    // Not definite in the first half, and only with the second.
    const grid = Array.from({ length: 40 }, (_, i) => [i / 40]);
    const zeros = Array(40).fill(0);
    const wide = { kernel: "squaredExponential", length: 5 } as const;
    expect(() => gaussianProcessOnTensorFlow(wide, grid, zeros, 0)).to.throw(DomainError, "positive definite");
    const twice = [[0], [1], [2], [0]];
    const short = { kernel: "matern52", length: 1 } as const;
    expect(() => gaussianProcessOnTensorFlow(short, twice, [0, 1, 2, 0], 0)).to.throw(DomainError, "positive definite");
    // A pivot of two units in the last place, which TensorFlow would take: it is rounding's.
    const near = [[0], [2.2e-8], [9]];
    for (const process of [
      () => gaussianProcess(squaredExponential({ length: 1 }), near, [0, 0, 0], 0),
      () => gaussianProcessOnTensorFlow({ kernel: "squaredExponential", length: 1 }, near, [0, 0, 0], 0),
    ]) {
      expect(process).to.throw(DomainError, "positive definite");
    }
    const named = { kernel: "cosine" as KernelName, length: 1 };
    expect(() => gaussianProcessOnTensorFlow(named, [[1]], [0], 0.1)).to.throw(DomainError, "squaredExponential, mat");
  });

  it("are the plain ones without native TensorFlow, and while a graph is recorded", async () => {
    const named = { kernel: "squaredExponential", length: 0.3 } as const;
    const same = () => {
      const { z, plain, twin } = example(named, 20, 9, 2, 0.1);
      expect(twin.at(z)).to.deep.equal(plain.at(z));
    };
    await whereTensorFlowIsNotAsked(same);
  });

  describe("natively", () => {
    before(function () {
      if (nativeBackend() === undefined) this.skip();
    });

    it("leave no tensor behind, also where they fail, and use one graph for any number of points", () => {
      const named = { kernel: "squaredExponential", length: 0.3 } as const;
      example(named, 5, 5, 2, 0.1).twin.at([[0, 0]]);
      const count = counted(() => {
        for (const n of [1, 7, 30]) {
          const { z, twin } = example(named, n, n + 1, 2, 0.1);
          twin.at(z);
          twin.mostImproving(z, 0);
        }
        expect(() =>
          gaussianProcessOnTensorFlow(
            named,
            [
              [0, 1],
              [0, 1],
            ],
            [0, 0],
            0,
          ),
        ).to.throw(DomainError);
      });
      expect(count).to.deep.equal({ tensors: 0, loaded: 0, closed: 0, runs: 10 });
    });

    it("keep some graphs, close the others, and leave no folder behind", () => {
      const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`rlhf-lab-graph-${process.pid}-`));
      const ask = (d: number) => {
        const { z, plain, twin } = example({ kernel: "matern52", length: 1 }, 3, 2, d, 0.1);
        expectClose(twin.at(z).mean, plain.at(z).mean, 1);
      };
      for (let d = 1; d <= 9; d++) ask(d); // now as many are kept as may be
      const many = counted(() => {
        for (let d = 1; d <= 9; d++) ask(d);
      });
      expect(many).to.deep.equal({ tensors: 0, loaded: 18, closed: 18, runs: 18 }); // whom the next ask for is closed first
      const again = counted(() => ask(9));
      expect(again).to.deep.equal({ tensors: 0, loaded: 0, closed: 0, runs: 2 });
      expect(folders()).to.deep.equal([]);
    });

    it("pass on what TensorFlow says", () => {
      const native = nativeBackend();
      if (native === undefined) return;
      const own = native.binding;
      const fail = () => {
        throw new Error("out of memory");
      };
      native.binding = replaced(own, { runSavedModel: fail });
      try {
        const named = { kernel: "matern52", length: 1 } as const;
        expect(() => gaussianProcessOnTensorFlow(named, [[1]], [0], 0.1)).to.throw("out of memory");
      } finally {
        native.binding = own;
      }
    });
  });
});
