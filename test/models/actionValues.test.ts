import { expect } from "chai";
import { actionValueModel, transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { capture, leaves, tf } from "../../lib/src/tensor/index.js";

describe("action values", () => {
  const size = { vocabulary: 5, context: 4, width: 8, layers: 1, heads: 2 };
  const model = actionValueModel(size, { heads: 3 });
  const params = model.init(key(1));
  const rows = (list: number[][]) => tf.tensor2d(list, undefined, "int32");

  it("each head judges every next token, from what was read so far alone; eagerly as in a graph", () => {
    tf.tidy(() => {
      const values = (tokens: tf.Tensor) => model.values(params, tokens);
      const [one, other] = [rows([[1, 2, 3]]), rows([[1, 2, 4]])].map((tokens) =>
        values(tokens).map((q) => q.arraySync()),
      );
      expect(one).to.have.length(3);
      one.forEach((q, h) => {
        expect([q.length, q[0].length, q[0][0].length]).to.deep.equal([1, 3, 5]);
        expect(q[0].slice(0, 2)).to.deep.equal(other[h][0].slice(0, 2)); // has not seen the third token
        expect(q[0][2]).to.not.deep.equal(other[h][0][2]);
      });
      expect(one[0]).to.not.deep.equal(one[1]);
      const call = (p: typeof params, tokens: tf.Tensor) => model.values(p, tokens);
      const graph = capture(call, [params, rows([[1, 2, 3]])])(params, rows([[1, 2, 3]]));
      expect(graph.map((q) => q.arraySync())).to.deep.equal(one);
    });
  });

  it("begins near 0, on a copy of the body that it is given", () => {
    const body = transformer(size).init(key(2));
    const own = model.init(key(1), body);
    leaves(own.body).forEach((leaf, i) => {
      expect([...leaf.dataSync()]).to.deep.equal([...leaves(body)[i].dataSync()]);
      expect(leaf).to.not.equal(leaves(body)[i]);
    });
    tf.tidy(() => {
      const [q] = model.values(own, rows([[1, 2, 3, 4]]));
      expect(tf.max(tf.abs(q)).dataSync()[0]).to.be.below(1);
    });
  });
});
