import { expect } from "chai";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { constrainedOptimum, policyReturn, randomMdp, tabularMdp, withRewards } from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import { almostSureOptimum, chanceConstrainedOptimum, sauteMdp, sauteOptimum } from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";

const wide = strait();
const narrow = strait({ map: ["S..~..H", "...~...", "...~...", "...~...", ".......", "......."] });
const problemOf = ({ mdp, shoals }: typeof wide) => ({ mdp, counted: shoals });
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("Saute", () => {
  it("is the program's optimum of its own process (highs), and splits into reward within the budget less a price", async () => {
    for (const [world, budget, penalty] of [
      [wide, 0, 0.3],
      [narrow, 1, 0.1],
    ] as const) {
      const own = sauteMdp(problemOf(world), { budget, penalty });
      const { value } = await constrainedOptimum(own.reshaped, []);
      const found = await sauteOptimum(problemOf(world), { budget, penalty });
      expect(policyReturn(own.reshaped, found.policy)).to.be.closeTo(value, 1e-6);
      // gamma n / (1 - gamma) = 19 n for gamma = 0.95.
      expect(found.value - 19 * penalty * found.overspent).to.be.closeTo(value, 1e-6);
    }
  });

  it("is the chance constraint at its price: the Lagrangian's optimum is no worse than the program's point", async () => {
    const atMost = 0.05;
    const { value, multipliers } = await chanceConstrainedOptimum(problemOf(narrow), {
      moreThan: 1,
      probability: atMost,
    });
    const price = multipliers[0];
    const found = await sauteOptimum(problemOf(narrow), { budget: 1, penalty: price / 19 });
    // The program also earns after overspending, Saute does not: so at most as much, and within that probability.
    const lagrangian = found.value - price * (found.overspent - atMost);
    expect(lagrangian).to.be.within(value - atMost, value + 1e-6);
  });

  it("with a penalty that is large enough is the sure optimum; a larger penalty never overspends more", async () => {
    for (const [world, budget, enough] of [
      [wide, 0, 3],
      [narrow, 0, 1],
      [narrow, 1, 1],
      [narrow, 2, 10],
    ] as const) {
      const sure = await almostSureOptimum(problemOf(world), { atMost: budget });
      const endless = await sauteOptimum(problemOf(world), { budget, penalty: Number.POSITIVE_INFINITY });
      expect(endless.value).to.equal(sure.value);
      const found = await sauteOptimum(problemOf(world), { budget, penalty: enough });
      expect(found.overspent, `budget ${budget}`).to.equal(0);
      expect(found.value).to.be.closeTo(sure.value, 1e-9);
    }
    let before = 1;
    for (const penalty of [0, 0.01, 0.1, 1, 10]) {
      const { overspent } = await sauteOptimum(problemOf(wide), { budget: 1, penalty });
      expect(overspent).to.be.at.most(before + 1e-9);
      before = overspent;
    }
    expect(before).to.be.within(1e-5, 1e-3); // ten a move, and still not sure
  });

  it("on random processes is what the budget says: rewards while it lasts, the penalty afterwards", async () => {
    for (const seed of [1, 2, 3]) {
      const mdp = randomMdp(key(seed), { states: 3, actions: 2, discount: 0.7 });
      const own = sauteMdp({ mdp, counted: [0, 1, 0] }, { budget: 1, penalty: 2 });
      own.left.forEach((left, s) => {
        expect(left).to.equal(1 - own.count[s]);
        for (const a of [0, 1]) {
          const pair = own.origin[s] * 2 + a;
          expect(own.reshaped.rewards[2 * s + a]).to.equal(left >= 0 ? mdp.rewards[pair] : -2);
          expect(own.mdp.rewards[2 * s + a]).to.equal(mdp.rewards[pair]);
        }
      });
      // A budget that nobody can spend within float64: the plain optimum.
      const rich = await sauteOptimum({ mdp, counted: [0, 1, 0] }, { budget: 60, penalty: 1 });
      expect(rich.value).to.be.closeTo((await constrainedOptimum(mdp, [])).value, 1e-6);
    }
  });

  it("refuses what cannot be", async () => {
    const problem = problemOf(narrow);
    for (const budget of [-1, 0.5, Number.NaN]) {
      expect(() => sauteMdp(problem, { budget, penalty: 1 }), `${budget}`).to.throw(DomainError, "budget");
    }
    for (const penalty of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => sauteMdp(problem, { budget: 1, penalty }), `${penalty}`).to.throw(DomainError, "penalty");
    }
    expect(() => sauteMdp({ ...problem, counted: [1] }, { budget: 1, penalty: 1 })).to.throw(ShapeError, "counted");
    const trap = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [1], discount: 0.9 });
    const hopeless = { mdp: trap, counted: [1] };
    expect(await refusal(sauteOptimum(hopeless, { budget: 1, penalty: Number.POSITIVE_INFINITY }))).to.be.instanceOf(
      InfeasibleError,
    );
    // A finite penalty has an answer there too: the budget is overspent by the second move.
    const { overspent, value } = await sauteOptimum(hopeless, { budget: 1, penalty: 5 });
    expect(overspent).to.be.closeTo(0.9, 1e-9);
    expect(value).to.be.closeTo(1.9, 1e-9);
    expect(policyReturn(withRewards(trap, [1]), Float64Array.of(1))).to.be.closeTo(10, 1e-9);
  });
});
