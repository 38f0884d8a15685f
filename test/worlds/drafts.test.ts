import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";
import { draftsWorld } from "../../lib/src/worlds/index.js";

describe("draftsWorld", () => {
  const world = draftsWorld(key(1));

  it("has 24 texts in four versions, 144 true ties and 144 contests", () => {
    expect(world.features.length).to.equal(96);
    expect(world.isTie.filter(Boolean).length).to.equal(144);
    expect(world.questions.length).to.equal(288);
    world.questions.forEach(([i, j], q) => {
      const gap = Math.abs(world.utility[i] - world.utility[j]);
      if (world.isTie[q]) expect(gap).to.be.below(1e-12);
      else expect(gap).to.be.above(1e-6);
    });
  });

  it("is linear in what the model sees, and commas weigh nothing", () => {
    expect(world.weights.slice(6)).to.deep.equal([0, 0]);
    expect(Math.hypot(...world.weights)).to.be.closeTo(1.5, 1e-12);
    world.features.forEach((row, i) => {
      expect(row.reduce((sum, x, c) => sum + x * world.weights[c], 0)).to.be.closeTo(world.utility[i], 1e-12);
    });
  });

  it("keeps the held-out pairs out of the questions", () => {
    const asked = new Set(world.questions.map(String));
    expect(world.heldOut.length).to.equal(200);
    expect(world.heldOut.some((pair) => asked.has(String(pair)))).to.equal(false);
  });

  it("follows from its key, and refuses impossible sizes", () => {
    expect(draftsWorld(key(1))).to.deep.equal(world);
    expect(draftsWorld(key(2))).to.not.deep.equal(world);
    expect(() => draftsWorld(key(1), { texts: 1 })).to.throw(DomainError, "texts");
    expect(() => draftsWorld(key(1), { texts: 2, contests: 9 })).to.throw(DomainError, "at most 4");
  });
});
