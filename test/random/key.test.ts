import { expect } from "chai";
import { DomainError, foldIn, type Key, key, split } from "rlhf-lab";
import { randomBits, threefry2x32 } from "rlhf-lab/random";

const block = (count: [number, number], k: [number, number]) =>
  [...threefry2x32(k[0], k[1], count[0], count[1], new Uint32Array(2))].map((w) => w.toString(16).padStart(8, "0"));

describe("random keys", () => {
  it("meets the known answers of Threefry-2x32-20", () => {
    // Random123 1.14, tests/kat_vectors, the three lines "threefry2x32 20": counter, key, answer.
    expect(block([0, 0], [0, 0])).deep.equal(["6b200159", "99ba4efe"]);
    const ones = 0xffffffff;
    expect(block([ones, ones], [ones, ones])).deep.equal(["1cb996fc", "bb002be7"]);
    expect(block([0x243f6a88, 0x85a308d3], [0x13198a2e, 0x03707344])).deep.equal(["c4923a9c", "483df7a0"]);
  });

  it("puts a seed of 53 bits into two words", () => {
    expect(key(0)).deep.equal([0, 0]);
    expect(key(4294967295)).deep.equal([0, 4294967295]);
    expect(key(2 ** 40 + 7)).deep.equal([256, 7]);
  });

  it("splits into different keys, the shorter split a prefix of the longer", () => {
    const many = split(key(3), 1000);
    expect(many.slice(0, 2)).deep.equal(split(key(3)));
    expect(new Set(many.map(String)).size).equal(1000);
    expect(foldIn(key(3), 17)).deep.equal(many[17]);
  });

  it("draws the same bits again, and others from another key", () => {
    expect(randomBits(key(1), 8)).deep.equal(randomBits(key(1), 8));
    expect(randomBits(key(1), 8)).not.deep.equal(randomBits(key(2), 8));
  });

  it("flips half of the output bits when one bit of the key or of the counter flips", () => {
    // 64 output bits over 64 single-bit changes at 50 keys: 204800 fair coins, sd of the mean 0.0011; within 5 sd.
    let flipped = 0;
    for (const k of split(key(9), 50)) {
      const base = threefry2x32(k[0], k[1], 0, 5, new Uint32Array(2));
      for (let bit = 0; bit < 32; bit++) {
        const changes = [
          [k[0] ^ (1 << bit), k[1], 0, 5],
          [k[0], k[1], 0, (5 ^ (1 << bit)) >>> 0],
        ];
        for (const [a, b, c, d] of changes) {
          const other = threefry2x32(a, b, c, d, new Uint32Array(2));
          for (let w = 0; w < 2; w++) for (let x = base[w] ^ other[w]; x !== 0; x &= x - 1) flipped++;
        }
      }
    }
    expect(flipped / (50 * 64 * 64)).closeTo(0.5, 0.0055);
  });

  it("says what is wrong with a bad key, seed or count", () => {
    expect(() => key(-1)).throw(DomainError, "seed: expected a whole number from 0 to 9007199254740991, got -1");
    expect(() => key(0.5)).throw(DomainError);
    expect(() => key(Number.NaN)).throw(DomainError);
    expect(() => split(42 as unknown as Key)).throw(DomainError, "a random key such as key(0), got 42");
    expect(() => split([1, -2])).throw(DomainError);
    expect(() => split(key(0), 0)).throw(DomainError, "number of keys");
    expect(() => foldIn(key(0), 2 ** 32)).throw(DomainError, "data");
    expect(() => randomBits(key(0), -1)).throw(DomainError);
  });
});
