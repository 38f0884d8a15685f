import { expect } from "chai";
import { type Exchange, partingNetwork, sortingNetwork } from "../../lib/src/numerics/sortingNetwork.js";

/** All lists of zeros and ones: a network that sorts them sorts everything (Knuth 1998, theorem Z of 5.3.4). */
const binaries = (n: number) =>
  Array.from({ length: 2 ** n }, (_, bits) => Array.from({ length: n }, (_, i) => (bits >> i) & 1));

function run(network: readonly Exchange[], values: readonly number[]): number[] {
  const out = [...values];
  for (const [low, high] of network) {
    [out[low], out[high]] = [Math.min(out[low], out[high]), Math.max(out[low], out[high])];
  }
  return out;
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

describe("a sorting network", () => {
  it("sorts, with Batcher's number of exchanges", () => {
    for (let n = 1; n <= 11; n++) {
      for (const values of binaries(n)) expect(run(sortingNetwork(n), values)).to.deep.equal(sorted(values));
    }
    // Batcher's counts of 2, 4, 8, 16: Knuth, 5.3.4, table 1.
    expect([1, 2, 4, 8, 16].map((n) => sortingNetwork(n).length)).to.deep.equal([0, 1, 5, 19, 63]);
  });

  it("goes on where places apart from each other are in order", () => {
    for (const [n, apart] of [
      [9, 2],
      [11, 4],
      [10, 8],
      [8, 1],
    ]) {
      const rest = sortingNetwork(n, apart);
      expect(rest.length).to.be.below(sortingNetwork(n).length);
      for (const values of binaries(n)) {
        const begun = [...values];
        for (let group = 0; group < apart; group++) {
          const places = begun.flatMap((_, i) => (i % apart === group ? [i] : []));
          const ordered = sorted(places.map((i) => values[i]));
          places.forEach((i, r) => {
            begun[i] = ordered[r];
          });
        }
        expect(run(rest, begun)).to.deep.equal(sorted(values));
      }
    }
  });

  it("parts with fewer: every part holds the same values, in some order", () => {
    for (const [n, starts] of [
      [9, [2, 7]],
      [10, [3]],
      [11, [5, 6]],
    ] as const) {
      const network = partingNetwork(sortingNetwork(n), starts);
      expect(network.length).to.be.below(sortingNetwork(n).length);
      for (const values of binaries(n)) {
        const [got, wanted] = [run(network, values), sorted(values)];
        for (const [i, from] of [0, ...starts].entries()) {
          const to = starts[i] ?? n;
          expect(sorted(got.slice(from, to))).to.deep.equal(wanted.slice(from, to));
        }
      }
    }
  });
});
