import { expect } from "chai";
import { anaesthetists1979, minneapolisWard2 } from "../../lib/src/data/index.js";
import { condorcetWinner, majorityCycle, pairwiseTally } from "../../lib/src/preferences/index.js";
import { rankingsFromBallots } from "../../lib/src/preferences/rankings.js";

describe("data of people who disagree", () => {
  it("anaesthetists: 45 patients, 5 observers, the first of whom answered three times", () => {
    const table = anaesthetists1979();
    expect(table.patients).to.equal(45);
    const answers = table.observers.map((_, w) => table.observer.filter((o) => o === w).length);
    expect(answers).to.deep.equal([135, 45, 45, 45, 45]);
    // Patient 11 is in class 4 for everybody, patient 1 in class 1.
    const of = (patient: number) => table.class.filter((_, k) => table.patient[k] === patient);
    expect(of(10)).to.deep.equal([3, 3, 3, 3, 3, 3, 3]);
    expect(of(0)).to.deep.equal([0, 0, 0, 0, 0, 0, 0]);
  });

  it("Minneapolis ward 2: the head-to-head counts that the city published, and a circle", () => {
    const { names, ballots } = minneapolisWard2();
    const rankings = rankingsFromBallots(ballots, { names });
    const tally = pairwiseTally(rankings);
    // The last round of the official count: Wonsley Worlobah 4,056, Arab 4,037.
    expect([tally[2][0], tally[0][2]]).to.deep.equal([4056, 4037]);
    expect([tally[1][2], tally[2][1]]).to.deep.equal([3708, 3635]);
    expect(tally[0][1]).to.equal(4324);
    expect(condorcetWinner(tally)).to.equal(undefined);
    expect(majorityCycle(tally)).to.have.lengthOf(3);
  });
});
