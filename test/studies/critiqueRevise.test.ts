import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { type CritiqueJudge, critiqueReviseStudy } from "../../lib/src/studies/index.js";
import { disposeTree, tf } from "../../lib/src/tensor/index.js";
import { phraseTask } from "../../lib/src/worlds/index.js";

const model = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2 });
const study = critiqueReviseStudy(phraseTask({ length: 3 }), model);
const start = await study.imitate(key(1));
after(() => disposeTree(start));
const short = { rounds: 3, steps: 40, drafts: 128 };
const run = (judge: CritiqueJudge, options = {}) => study.run(key(2), start, { judge, ...short, ...options });

describe("generate, critique, revise", () => {
  it("climbs the truth if the truth judges; and leaves nothing behind", async () => {
    const path = await run("truth");
    const tensors = tf.memory().numTensors;
    expect(await run("truth")).to.deep.equal(path);
    expect(tf.memory().numTensors).to.equal(tensors);
    expect(path.utility).to.have.length(4);
    expect(path.judged).to.deep.equal(path.utility);
    expect(path.utility[3]).to.be.above(path.utility[0] + 0.8);
    expect(path.kl[0]).to.be.closeTo(0, 1e-12);
    expect(path.kl[3]).to.be.above(0.5);
  });

  it("learns little where nobody judges, and writes one thing where it judges itself", async () => {
    const [nobody, itself] = [await run("nobody"), await run("itself")];
    expect(nobody.utility[3] - nobody.utility[0]).to.be.within(-0.6, 0.6);
    expect(nobody.judged).to.deep.equal([0, 0, 0, 0]);
    expect(itself.diversity[3]).to.be.below(itself.diversity[0] / 4);
    expect(itself.judged[3]).to.be.above(itself.judged[0]);
    const mixed = await run("itself", { real: 0.5 });
    expect(mixed.diversity[3]).to.be.above(2 * itself.diversity[3]);
  });

  it("with a critic: the frozen one keeps its scale, and both climb", async () => {
    for (const judge of ["frozen", "asked again"] as const) {
      const path = await run(judge, { comparisons: 400 });
      expect(path.utility[3], judge).to.be.above(path.utility[0] + 0.5);
    }
  });

  it("refuses what it cannot do", async () => {
    const refused = async (options: object) =>
      run("truth", options).then(
        () => "",
        (error) => error,
      );
    expect(await refused({ rounds: 0 }))
      .to.be.instanceOf(DomainError)
      .with.property("message")
      .that.includes("rounds");
    expect(await refused({ real: 1 }))
      .to.be.instanceOf(DomainError)
      .with.property("message")
      .that.includes("real");
  });
});
