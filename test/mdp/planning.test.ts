import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  finiteHorizon,
  optimalPolicy,
  policyValue,
  randomMdp,
  softValueIteration,
  tabularMdp,
  valueIteration,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";

const mdp = randomMdp(key(3), { states: 6, actions: 3, discount: 0.9 });
const close = (a: ArrayLike<number>, b: ArrayLike<number>, within: number) => {
  expect(a.length).to.equal(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i]).to.be.closeTo(b[i], within);
};

describe("planning in decision processes", () => {
  it("value iteration ends where policy iteration does, whatever the unit of the rewards", () => {
    for (const unit of [1e-9, 1, 1e9]) {
      const world = withRewards(
        mdp,
        mdp.rewards.map((r) => unit * r),
      );
      close(valueIteration(world).value, optimalPolicy(world).value, 1e-8 * unit);
    }
    expect(valueIteration(mdp, { tolerance: 1e-3 }).sweeps).to.be.below(valueIteration(mdp).sweeps);
    expect(Array.from(valueIteration(withRewards(mdp, new Float64Array(18))).value)).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it("soft values are those of their own policy, with what it pays for leaving the reference", () => {
    const temperature = 0.7;
    const reference = Float64Array.from({ length: 18 }, (_, i) => [0.2, 0.3, 0.5][i % 3]);
    const { value, policy } = softValueIteration(mdp, { temperature, reference });
    const paid = mdp.rewards.map((r, pair) => r - temperature * Math.log(policy[pair] / reference[pair]));
    close(policyValue(withRewards(mdp, paid), policy), value, 1e-8);
    // And no other policy has more: move some probability in one state.
    const other = policy.slice();
    other[0] += other[1] / 2;
    other[1] /= 2;
    const paidOther = mdp.rewards.map((r, pair) => r - temperature * Math.log(other[pair] / reference[pair]));
    const after = policyValue(withRewards(mdp, paidOther), other);
    expect(after[0]).to.be.below(value[0]);
  });

  it("soft values go to the hard ones as it gets cold, and to the mean where it is hot", () => {
    close(softValueIteration(mdp, { temperature: 1e-4 }).value, optimalPolicy(mdp).value, 0.01);
    const uniform = new Float64Array(18).fill(1 / 3);
    close(softValueIteration(mdp, { temperature: 1e6 }).value, policyValue(mdp, uniform), 1e-3);
  });

  it("ends where rewards cancel and every soft value is 0", () => {
    for (const temperature of [0.5, 1, 3]) {
      const { policy } = softValueIteration(mdp, { temperature, tolerance: 1e-13 });
      const reference = new Float64Array(18).fill(1);
      // Paid its own log-probabilities, the policy is the soft optimum again, with V = 0.
      const paid = withRewards(
        mdp,
        policy.map((p) => temperature * Math.log(p)),
      );
      const again = softValueIteration(paid, { temperature, reference, tolerance: 1e-13 });
      close(again.value, new Float64Array(6), 1e-12);
      close(again.policy, policy, 1e-12);
    }
  });

  it("counts backwards over a horizon, by hand", () => {
    // State 0: wait for 1, or jump to state 1, which pays 5 once and leads to nowhere.
    const jump = tabularMdp({
      ...{ states: 3, actions: 2, discount: 0.5 },
      transitions: [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1],
      rewards: [1, 0, 5, 5, 0, 0],
    });
    const { value, choice } = finiteHorizon(jump, { horizon: 2 });
    expect(value.map((v) => v[0])).to.deep.equal([2.5, 1, 0]);
    expect(choice.map((c) => c[0])).to.deep.equal([1, 0]); // with one step left waiting pays, jumping does not
    close(finiteHorizon(mdp, { horizon: 300 }).value[0], optimalPolicy(mdp).value, 1e-9);
  });

  it("refuses what cannot be", () => {
    expect(() => softValueIteration(mdp, { temperature: 0 })).to.throw(DomainError, "optimalPolicy");
    expect(() => softValueIteration(mdp, { temperature: 1, reference: new Float64Array(2) })).to.throw(ShapeError);
    expect(() => valueIteration(mdp, { tolerance: 0 })).to.throw(DomainError, "tolerance");
    expect(() => finiteHorizon(mdp, { horizon: 0 })).to.throw(DomainError, "horizon");
  });
});
