import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { completions, generator, lastColumns, leftPad, transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import type { tf } from "../../lib/src/tensor/index.js";

describe("models/prompts", () => {
  it("pads on the left and says where each row starts", () => {
    const { tokens, starts } = leftPad([[1, 2, 3], [4], [5, 6]], { pad: 9 });
    expect(tokens.arraySync()).to.deep.equal([
      [1, 2, 3],
      [9, 9, 4],
      [9, 5, 6],
    ]);
    expect([...(starts as tf.Tensor).dataSync()]).to.deep.equal([0, 2, 1]);
    expect(
      leftPad([
        [1, 2],
        [3, 4],
      ]).starts,
    ).to.equal(undefined);
    expect(leftPad([[1, 2]], { length: 4 }).tokens.arraySync()).to.deep.equal([[0, 0, 1, 2]]);
  });

  it("gives the completions of a rollout, without prompt and padding", () => {
    const model = transformer({ vocabulary: 4, context: 12, width: 8, layers: 1, heads: 2 });
    const rollout = generator(model, { newTokens: 8, stop: 1 })(
      key(1),
      model.init(key(2)),
      leftPad([[2, 3], [3], [2]]),
    );
    const mask = rollout.mask.arraySync();
    completions(rollout).forEach((row, b) => {
      expect(row).to.have.length(mask[b].reduce((a, c) => a + c, 0));
      expect(row.indexOf(1)).to.be.oneOf([-1, row.length - 1]);
    });
    const ends = [...lastColumns(rollout.mask).dataSync()];
    expect(ends).to.deep.equal(mask.map((row) => row.lastIndexOf(1)));
  });

  it("says what is wrong", () => {
    expect(() => leftPad([])).to.throw(DomainError, /at least one/);
    expect(() => leftPad([[1], []])).to.throw(DomainError, /prompts\[1\].*bos/);
    expect(() => leftPad([[1, 2, 3]], { length: 2 })).to.throw(DomainError, /at most 2/);
  });
});
