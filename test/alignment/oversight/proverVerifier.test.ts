import { expect } from "chai";
import { DomainError, ShapeError } from "rlhf-lab";
import { isThereAOne, type ProverVerifierGame, proverLeads, verifierLeads } from "rlhf-lab/alignment";

describe("prover and verifier", () => {
  it("the verifier who leads is always right: only a 1 counts", () => {
    for (const prior of [0.1, 0.5, 0.9]) {
      const outcome = verifierLeads(isThereAOne(prior));
      expect(outcome.accuracy).to.be.closeTo(1, 1e-12);
      expect(outcome.approval).to.be.closeTo(prior, 1e-12);
      expect(outcome.accepted).to.deep.equal([1, 3, 5]);
    }
  });

  it("the question about three bits refuses a prior that is none", () => {
    expect(isThereAOne(0.3).truth.filter((yes) => yes)).to.have.length(7);
    for (const prior of [-0.1, 1.1, Number.NaN]) expect(() => isThereAOne(prior)).to.throw(DomainError, "prior");
  });

  it("the prover who leads is believed 12 rho / 7, as by hand: with one position kept for the refusals", async () => {
    for (const rho of [0.2, 0.4]) {
      const { approval, accuracy } = await proverLeads(isThereAOne(rho));
      expect(approval).to.be.closeTo((12 * rho) / 7, 1e-6);
      expect(accuracy).to.be.closeTo(1 - (5 * rho) / 7, 1e-6);
    }
    // From rho = 7/13 on all pieces are believed: 6 rho / 7 of shown zeros outweigh the 1 - rho.
    const sure = await proverLeads(isThereAOne(0.56));
    expect(sure.approval).to.be.closeTo(1, 1e-6);
    expect(sure.accuracy).to.be.closeTo(0.56, 1e-6);
  });

  it("evidence that tells nothing: the verifier goes by the prior, whoever leads", async () => {
    const blank = (prior: number): ProverVerifierGame => ({
      probabilities: [prior, 1 - prior],
      truth: [true, false],
      evidence: [[0], [0]],
    });
    expect(verifierLeads(blank(0.3))).to.deep.equal({ approval: 0, accuracy: 0.7, accepted: [] });
    expect((await proverLeads(blank(0.3))).approval).to.be.closeTo(0, 1e-9);
    expect((await proverLeads(blank(0.6))).approval).to.be.closeTo(1, 1e-9);
  });

  it("refuse situations without evidence, probabilities that do not add up, and too many pieces", () => {
    expect(() => verifierLeads({ probabilities: [1], truth: [true], evidence: [[]] })).to.throw(
      ShapeError,
      "evidence[0]",
    );
    expect(() => verifierLeads({ probabilities: [0.5], truth: [true], evidence: [[0]] })).to.throw(
      DomainError,
      "add up",
    );
    const many = { probabilities: [1], truth: [true], evidence: [Array.from({ length: 13 }, (_, i) => i)] };
    expect(() => verifierLeads(many)).to.throw(DomainError, "twelve");
  });
});
