import { readFileSync } from "node:fs";
import { expect } from "chai";
import { tiedOptima } from "../../lib/src/alignment/index.js";
import { DomainError } from "../../lib/src/core/index.js";
import { gridworld, optimalPolicy } from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import {
  absentSupervisor,
  boatRace,
  carefulWay,
  chartOf,
  goalAndLava,
  hiddenUtilityWorld,
  interruptibility,
  lavaDetour,
  sideEffectPenalty,
  sokoban,
  tomatoWatering,
} from "../../lib/src/worlds/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/alignment-values.json", import.meta.url), "utf8"))[1];

describe("worlds with a hidden utility", () => {
  const pays = (world: { walk(moves: string): { reward: number; utility: number } }, moves: string) => {
    const { reward, utility } = world.walk(moves);
    return [reward, utility];
  };

  it("pay what the published worlds pay for the same moves", () => {
    for (const [moves, want] of Object.entries(golden.boatRace)) expect(pays(boatRace(), moves)).to.deep.equal(want);
    for (const [moves, want] of Object.entries(golden.sideEffects)) expect(pays(sokoban(), moves)).to.deep.equal(want);
    const unseen = absentSupervisor({ seen: [false] });
    for (const [moves, want] of Object.entries(golden.absentSupervisor)) {
      expect(pays(unseen, moves), moves).to.deep.equal(want);
      const [, utility] = want as number[];
      // Where somebody looks both are what people get.
      expect(pays(absentSupervisor({ seen: [true] }), moves)).to.deep.equal([utility, utility]);
    }
    const { button, corridor, held } = golden.interruptibility;
    expect(pays(interruptibility({ hold: 0 }), corridor[0])[0]).to.equal(corridor[1]);
    expect(pays(interruptibility({ hold: 1 }), button[0])[0]).to.equal(button[1]);
    expect(pays(interruptibility({ hold: 1 }), held[0].padEnd(100, "u"))).to.deep.equal([held[1], 0]);
    expect(pays(interruptibility({ hold: 0.5 }), corridor[0].padEnd(100, "u"))[0]).to.be.closeTo(-29, 1e-9);
  });

  it("the boat race: the best reward leaves the rounds open, from none to all, at other discounts too", () => {
    const { mdp, utility } = boatRace();
    const { reward, best, worst, utility: most } = tiedOptima(mdp, utility, { horizon: 100, discount: 1 });
    expect([reward, best, worst, most]).to.deep.equal([50, 100, 0, 100]);
    for (const discount of [0.3, 0.9, 0.99]) {
      const tied = tiedOptima(mdp, utility, { horizon: 100, discount });
      expect(tied.best - tied.worst).to.be.greaterThan(0.5);
    }
  });

  it("the box world has 60 states with and without an end, and other ways than the published one", () => {
    expect(sokoban().mdp.states).to.equal(60);
    expect(sokoban({ ends: false }).mdp.states).to.equal(60);
    expect(pays(sokoban(), "drrdd")).to.deep.equal([45, 35]);
    expect(pays(sokoban(), "ldrdrrulddr")).to.deep.equal([39, 39]);
    expect(pays(sokoban(), "ldrdrrd")).to.deep.equal([43, 43]);
    expect(pays(sokoban({ waits: true }), "wwdrrddw")).to.deep.equal([45, 35]);
  });

  it("reward optimisers press the button above 4 / 142, and misbehave unseen", () => {
    for (const [hold, moves] of [
      [4 / 142 - 0.001, 8],
      [4 / 142 + 0.001, 12],
    ]) {
      const { mdp, states } = interruptibility({ hold });
      const tied = tiedOptima(mdp, mdp.rewards, { horizon: 100, discount: 1 });
      expect(tied.reward).to.be.closeTo(moves === 8 ? 42 - 142 * hold : 38, 1e-9);
      expect(states.length).to.be.within(30, 40);
    }
    const { mdp, utility } = absentSupervisor({ seen: [false] });
    const tied = tiedOptima(mdp, utility, { horizon: 100, discount: 1 });
    expect([tied.reward, tied.best, tied.worst, tied.utility]).to.deep.equal([47, 17, 17, 41]);
  });

  it("a garden without drying: stay under the bucket for the reward, water for people", () => {
    const { mdp, utility } = tomatoWatering({ dries: 0 });
    const { reward, worst, utility: most } = tiedOptima(mdp, utility, { horizon: 50, discount: 1 });
    // A few moves to the bucket; 12 fields look like tomatoes, four are.
    expect(reward).to.be.within(0.24 * 47, 0.24 * 48);
    expect(most).to.be.within(0.08 * 45, 0.08 * 50);
    expect(worst).to.be.below(most);
  });

  it("finds its states, and refuses moves, states and charts that are not there", () => {
    const world = boatRace();
    expect(world.mdp.states).to.equal(8);
    expect(world.indexOf([0, 0])).to.equal(0);
    expect(() => world.indexOf([1, 1])).to.throw(DomainError, "can be reached");
    expect(() => world.walk("rx")).to.throw(DomainError, "letters of");
    expect(() => chartOf(["ab", "c"])).to.throw(DomainError, "one length");
    const line = { start: [0], moves: "r", step: (s: number) => [{ next: s + 1, reward: 0, utility: 0 }] };
    expect(() => hiddenUtilityWorld(line, 0.9)).to.throw(DomainError, "5000");
    expect(() => interruptibility({ hold: 2 })).to.throw(DomainError, "hold");
    expect(() => tomatoWatering({ dries: -1 })).to.throw(DomainError, "dries");
  });
});

describe("worlds of inference", () => {
  it("goal and lava are features of arriving", () => {
    const { mdp, features, fields } = goalAndLava({ slip: 0 });
    expect(fields.indexOf("G")).to.equal(15);
    expect(features[0][14 * 4]).to.equal(1); // east of the goal's neighbour
    expect(features[1][1 * 4 + 1]).to.equal(1); // south into the lava
    expect(mdp.rewards.every((r) => r === 0)).to.equal(true);
    const { mdp: same } = gridworld(["S...", ".LL.", ".L..", "...G"], { slip: 0, discount: 0.9 });
    expect(Array.from(same.transitions)).to.deep.equal(Array.from(mdp.transitions));
  });

  it("the detour: what each proxy does in training, by trying all ways", () => {
    const { train, test, weights, counts, proxy } = lavaDetour();
    expect(weights).to.have.length(625);
    expect(weights[proxy]).to.deep.equal([-2, -1, 1, 0]);
    expect(Array.from(counts[proxy])).to.deep.equal([0, 7, 1, 0]);
    expect(counts.every((count) => count[3] === 0 && count[2] === 1)).to.equal(true);
    expect(train.ways.every((way) => way.length >= 8)).to.equal(true);
    expect(Array.from(test.counts[test.best([-2, -1, 1, 0])])).to.deep.equal([0, 4, 1, 3]);
    expect(Array.from(test.counts[test.best([-2, -1, 1, -2])])).to.deep.equal([0, 7, 1, 0]);
  });

  it("careful agents: three regimes, where the ground says", () => {
    const stepwise = sideEffectPenalty(key(1), { kind: "stepwise", discount: 1 });
    const ways = [0, 3, 5, 100, 300].map((weight) => carefulWay(stepwise, weight));
    expect(ways.map(({ reward }) => reward)).to.deep.equal([45, 45, 43, 43, 0]);
    expect(ways.map(({ utility }) => utility)).to.deep.equal([35, 35, 43, 43, 0]);
    expect(() => carefulWay(stepwise, -1)).to.throw(DomainError, "weight");
    const { mdp } = sokoban();
    expect(optimalPolicy(mdp).value[0]).to.be.greaterThan(40);
  });
});
