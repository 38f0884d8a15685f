import { expect } from "chai";
import { DomainError, key, mean, ShapeError } from "rlhf-lab";
import { amplifyDistances, joinedSets, minPlus, permutationPower, treeError } from "rlhf-lab/alignment";
import { foldIn, permutation, randint, uniform } from "rlhf-lab/random";

/** A ring of n places and as many random ways across, lengths 1 to 10. */
function edges(seed: number, n: number): Float64Array[] {
  const k = key(seed);
  const distances = Array.from({ length: n }, (_, i) =>
    new Float64Array(n).fill(Number.POSITIVE_INFINITY).map((far, j) => (i === j ? 0 : far)),
  );
  const [from, to] = [randint(foldIn(k, 1), n, 0, n), randint(foldIn(k, 2), n, 0, n)];
  const lengths = uniform(foldIn(k, 3), 2 * n, 1, 10);
  for (let i = 0; i < n; i++) {
    distances[i][(i + 1) % n] = lengths[i];
    if (from[i] !== to[i]) distances[from[i]][to[i]] = Math.min(distances[from[i]][to[i]], lengths[n + i]);
  }
  return distances;
}

function floydWarshall(start: readonly Float64Array[]): Float64Array[] {
  const distances = start.map((row) => Float64Array.from(row));
  for (let k = 0; k < distances.length; k++) {
    for (const row of distances)
      distances[k].forEach((rest, j) => {
        row[j] = Math.min(row[j], row[k] + rest);
      });
  }
  return distances;
}

const flat = (distances: readonly Float64Array[]) => distances.flatMap((row) => Array.from(row));

describe("amplification", () => {
  it("is exact for all shortest ways once 2^rounds reaches their edges (Floyd-Warshall)", () => {
    for (const seed of [1, 2, 3]) {
      const graph = edges(seed, 12);
      const rounds = amplifyDistances(key(0), graph, { rounds: 4 });
      const exact = flat(floydWarshall(graph));
      flat(rounds[3]).forEach((length, i) => {
        expect(length).to.be.closeTo(exact[i], 1e-9);
      });
      const right = rounds.map((round) => flat(round).filter((length, i) => Math.abs(length - exact[i]) < 1e-9).length);
      for (let r = 1; r < 4; r++) expect(right[r]).to.be.at.least(right[r - 1]);
      expect(right[0]).to.be.below(144);
    }
  });

  it("knows ways of length 0 and places that cannot be reached", () => {
    const far = Number.POSITIVE_INFINITY;
    const graph = [Float64Array.of(0, 0, far), Float64Array.of(far, 0, 2), Float64Array.of(far, far, 0)];
    expect(flat(minPlus(graph, graph))).to.deep.equal([0, 0, 2, far, 0, 2, far, far, 0]);
  });

  it("with noise a minimum is too small on average: the double estimator is nearer than a mean, that than none", () => {
    const bias = (cure: "none" | "mean" | "double") =>
      mean(
        Array.from({ length: 12 }, (_, seed) => {
          const graph = edges(seed, 20);
          const exact = flat(floydWarshall(graph));
          const last = flat(amplifyDistances(key(100 + seed), graph, { rounds: 7, noise: 0.1, cure })[6]);
          const shares = last.map((length, i) => length / exact[i]).filter((share) => Number.isFinite(share));
          return mean(shares);
        }),
      );
    const [none, averaged, double] = [bias("none"), bias("mean"), bias("double")];
    expect(none).to.be.below(averaged - 0.03);
    expect(averaged).to.be.below(double - 0.03);
    expect(double).to.be.within(0.8, 1.05);
  });

  it("chooses by one copy and reads from the other", () => {
    const far = Number.POSITIVE_INFINITY;
    const chosen = [Float64Array.of(0, 1, 5), Float64Array.of(far, 0, 1), Float64Array.of(far, far, 0)];
    const read = [Float64Array.of(0, 4, 5), Float64Array.of(far, 0, 4), Float64Array.of(far, far, 0)];
    expect(minPlus(read, read, [chosen, chosen])[0][2]).to.equal(8);
    expect(minPlus(read, read)[0][2]).to.equal(5);
  });

  it("applies a permutation 2^rounds times, as one after the other would", () => {
    const once = permutation(key(4), 9);
    let slow = Int32Array.from(once);
    for (let i = 1; i < 8; i++) slow = slow.map((next) => once[next]);
    expect(Array.from(permutationPower(once, 3))).to.deep.equal(Array.from(slow));
    expect(Array.from(permutationPower(once, 0))).to.deep.equal(Array.from(once));
    expect(() => permutationPower([0, 0], 1)).to.throw(DomainError, "each once");
  });

  it("joins sets in about log2 of a chain's length", () => {
    const chain = Array.from({ length: 63 }, (_, i) => [i, i + 1] as const);
    const { names, rounds } = joinedSets(64, chain);
    expect(new Set(names)).to.deep.equal(new Set([0]));
    expect(rounds).to.be.below(16);
    expect(
      Array.from(
        joinedSets(5, [
          [3, 4],
          [1, 4],
        ]).names,
      ),
    ).to.deep.equal([0, 1, 2, 1, 1]);
    expect(() => joinedSets(2, [[0, 2]])).to.throw(DomainError, "pairs[0]");
  });

  it("a tree of questions errs as often as published in the ground, 1 - 0.99^(2^depth)", () => {
    const errors = [0, 2, 4, 6, 8].map((depth) => Math.round(treeError(0.01, depth) * 1000) / 1000);
    expect(errors).to.deep.equal([0.01, 0.039, 0.149, 0.474, 0.924]);
    expect(treeError(0, 50)).to.equal(0);
  });

  it("refuses ragged distances, NaN and noise of 1", () => {
    expect(() => amplifyDistances(key(0), [new Float64Array(2)], { rounds: 1 })).to.throw(ShapeError, "edges[0]");
    expect(() => amplifyDistances(key(0), [Float64Array.of(Number.NaN)], { rounds: 1 })).to.throw(
      DomainError,
      "a length",
    );
    expect(() => amplifyDistances(key(0), [Float64Array.of(0)], { rounds: 1, noise: 1 })).to.throw(
      DomainError,
      "noise",
    );
    expect(amplifyDistances(key(0), [Float64Array.of(0)], { rounds: 0 })).to.deep.equal([]);
  });
});
