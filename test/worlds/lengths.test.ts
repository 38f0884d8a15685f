import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";
import { lengthsWorld } from "../../lib/src/worlds/index.js";

describe("lengthsWorld", () => {
  const world = lengthsWorld(key(1));

  it("is linear in the bent features, and not in the straight ones", () => {
    world.bent.forEach(([length, quality, square], i) => {
      expect(3 * length + quality - square).to.be.closeTo(world.utility[i], 1e-12);
      expect(world.straight[i]).to.deep.equal([length, quality]);
      expect(square).to.equal(length ** 2);
    });
  });

  it("has mostly short texts, some beyond the best length of 1.5, none above 4", () => {
    const many = lengthsWorld(key(2), { texts: 2000 }).lengths;
    expect(Math.max(...many)).to.equal(4);
    expect(many.filter((length) => length > 1.5).length / 2000).to.be.closeTo(Math.exp(-1.5 / 0.8), 0.03);
  });

  it("keeps the held-out pairs out of the questions", () => {
    const asked = new Set(world.questions.map(String));
    expect(world.questions.length).to.equal(295);
    expect(world.heldOut.length).to.equal(295);
    expect(world.heldOut.some((pair) => asked.has(String(pair)))).to.equal(false);
  });

  it("follows from its key, and refuses too few texts", () => {
    expect(lengthsWorld(key(1))).to.deep.equal(world);
    expect(lengthsWorld(key(2))).to.not.deep.equal(world);
    expect(() => lengthsWorld(key(1), { texts: 4 })).to.throw(DomainError, "texts");
  });
});
