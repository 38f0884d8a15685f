import { expect } from "chai";
import { DomainError, key } from "rlhf-lab";
import type { TransformerParams } from "rlhf-lab/models";
import { backboneLab } from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { phraseTask } from "rlhf-lab/worlds";

describe("one backbone or two", () => {
  const task = phraseTask({ length: 2 });
  const lab = backboneLab(task, { model: { width: 16, layers: 1, heads: 2 }, batch: 32, rate: 3e-3 });
  let start: TransformerParams;
  before(async () => {
    start = await lab.imitate(key(1), { steps: 60 });
  });
  after(() => disposeTree(start));

  it("a critic on a body of its own cannot move the policy; on the policy's body it does, with no reward in play", async () => {
    const alone = { steps: 20, every: 20, actorWeight: 0 };
    const [separate, shared] = [
      await lab.run(key(2), start, { ...alone, shared: false }),
      await lab.run(key(2), start, { ...alone, shared: true }),
    ];
    for (const run of [separate, shared]) expect(run.map(({ step }) => step)).to.deep.equal([0, 20]);
    // The policy is given by float32: the same bits before and after.
    expect(separate[1].kl).to.equal(0);
    expect(separate[1].reward).to.equal(separate[0].reward);
    expect(shared[1].kl).to.be.above(1e-3);
    expect(shared[1].forgotten).to.be.above(1e-3);
  });

  it("with the actor on, reward rises, the critic learns, and never explains more than the true values do", async () => {
    for (const shared of [true, false]) {
      const run = await lab.run(key(3), start, { shared, steps: 40, every: 20 });
      expect(run.at(-1)!.reward).to.be.above(run[0].reward + 0.3);
      expect(run.at(-1)!.explained).to.be.above(run[0].explained + 0.1);
      for (const { explained, ceiling } of run) expect(explained).to.be.at.most(ceiling + 1e-9);
    }
  });

  it("the key decides everything", async () => {
    const options = { shared: true, steps: 4, every: 2 };
    expect(await lab.run(key(5), start, options)).to.deep.equal(await lab.run(key(5), start, options));
  });

  it("refuses what cannot be", () => {
    const model = { width: 16, layers: 1, heads: 2 };
    expect(() => backboneLab(task, { model, batch: 3 })).to.throw(DomainError, "batch");
    expect(() => backboneLab(task, { model, beta: -1 })).to.throw(DomainError, "beta");
  });
});
