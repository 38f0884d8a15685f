import { expect } from "chai";
import { foldIn, key, split, uniform } from "rlhf-lab";
import { randomBits, uniform32 } from "rlhf-lab/random";
import golden from "../golden/jax-random.json" with { type: "json" };

describe("random numbers of JAX (partitionable threefry)", () => {
  for (const seed of [0, 42, 4294967295]) {
    const theirs = golden[String(seed) as "0"];
    it(`has the same keys, bits and float32 uniforms for seed ${seed}`, () => {
      const k = key(seed);
      expect(k).deep.equal(theirs.key);
      expect(split(k, 3)).deep.equal(theirs.split);
      expect(foldIn(k, 7)).deep.equal(theirs.foldIn7);
      const words = randomBits(k, 5);
      expect(theirs.bits.map((_, i) => (words[2 * i] ^ words[2 * i + 1]) >>> 0)).deep.equal(theirs.bits);
      expect([...uniform32(k, 5)]).deep.equal(theirs.uniform);
    });
  }

  it("draws float64 uniforms with all 53 bits", () => {
    const odd = uniform(key(5), 1000).filter((u) => (u * 2 ** 53) % 2 === 1).length;
    expect(odd).within(400, 600); // 500 +- 6 standard deviations
  });
});
