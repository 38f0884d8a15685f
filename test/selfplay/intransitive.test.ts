import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { exploitability, multiplicativeWeights } from "../../lib/src/games/index.js";
import {
  bestReply,
  bradleyTerryUnderSampling,
  mirrorStep,
  nashMdStep,
  onlineIpoMap,
  regularisedEquilibrium,
  selfPlay,
  sppoStep,
  vonNeumannWinner,
  winRatesAgainst,
} from "../../lib/src/selfplay/intransitive/index.js";

const preferences = [
  [0.5, 0.7, 0.2, 0.6],
  [0.3, 0.5, 0.8, 0.6],
  [0.8, 0.2, 0.5, 0.6],
  [0.4, 0.4, 0.4, 0.5],
];
const ref = [0.1, 0.2, 0.3, 0.4];
const missed = (policy: ArrayLike<number>) => exploitability(preferences, policy, policy);
const kl = (p: ArrayLike<number>, q: ArrayLike<number>) =>
  Array.from(p).reduce((sum, x, i) => (x > 0 ? sum + x * Math.log(x / q[i]) : sum), 0);
const near = (policy: ArrayLike<number>, wanted: ArrayLike<number>, within: number) => {
  Array.from(policy).forEach((p, i) => {
    expect(p, `[${i}]`).to.be.closeTo(wanted[i], within);
  });
};

/** Preference matrices of 2 to 5 completions, with policies that have all of them. */
const world = fc.integer({ min: 2, max: 5 }).chain((n) =>
  fc.record({
    preferences: fc
      .array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      })
      .map((rows) => rows.map((row, i) => row.map((p, j) => (i === j ? 0.5 : i < j ? p : 1 - rows[j][i])))),
    ref: fc
      .array(fc.integer({ min: 1, max: 9 }), { minLength: n, maxLength: n })
      .map((weights) => weights.map((w) => w / weights.reduce((a, b) => a + b))),
  }),
);

describe("preferences that no score holds", () => {
  it("have a winner as a mixture; Bradley-Terry crowns one who loses, and another for other samples", async () => {
    near(await vonNeumannWinner(preferences), [0.375, 0.375, 0.25, 0], 1e-9);
    near(bradleyTerryUnderSampling(preferences), [0, 0.203, 0.101, -0.305], 1e-3);
    const crowned = (sampling: number[]) => {
      const scores = bradleyTerryUnderSampling(preferences, sampling);
      return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
    };
    const often = (i: number) => [0, 1, 2, 3].map((j) => (i === j ? 0.7 : 0.1));
    expect([0, 1, 2].map((i) => crowned(often(i)))).to.deep.equal([2, 0, 1]);
    const chain = [0];
    for (let t = 0; t < 6; t++)
      chain.push(
        bestReply(
          preferences,
          [0, 1, 2, 3].map((i) => (i === chain[t] ? 1 : 0)),
        ),
      );
    expect(chain).to.deep.equal([0, 2, 1, 0, 2, 1, 0]);
  });

  it("give scores at which Bradley-Terry's likelihood is flat, whatever the sampling's unit", () => {
    const sampling = [0.4, 0.3, 0.2, 0.1];
    const theta = bradleyTerryUnderSampling(preferences, sampling);
    for (let i = 0; i < 4; i++) {
      let slope = 0;
      for (let j = 0; j < 4; j++) {
        slope += sampling[i] * sampling[j] * (preferences[i][j] - 1 / (1 + Math.exp(theta[j] - theta[i])));
      }
      expect(slope).to.be.closeTo(0, 1e-12);
    }
    near(
      bradleyTerryUnderSampling(
        preferences,
        sampling.map((mu) => mu * 1e6),
      ),
      theta,
      1e-9,
    );
  });

  it("are circled by SPPO, which is multiplicative weights; its average comes near", () => {
    for (const eta of [0.1, 0.5, 2]) {
      let most = 0;
      const watch = (policy: ArrayLike<number>, t: number) => {
        if (t > 1500) most = Math.max(most, missed(policy));
      };
      const { last, average } = selfPlay(ref, (policy) => sppoStep(preferences, policy, eta), { steps: 3000, watch });
      expect(most).to.be.within(0.15, 0.3 + 1e-9);
      expect(missed(average)).to.be.below(0.004);
      near(multiplicativeWeights(preferences, ref, { rate: eta, steps: 3000 }).average, average, 1e-6);
      expect(last.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
    }
  });

  it("have one regularised equilibrium for each tau: exploitability paid for in KL", () => {
    const known = {
      1: [0.108, 0.002],
      0.3: [0.098, 0.023],
      0.1: [0.053, 0.161],
      0.03: [0.0187, 0.56],
      0.01: [0.0061, 0.685],
    };
    for (const [tau, [gap, distance]] of Object.entries(known)) {
      const policy = regularisedEquilibrium(preferences, { ref, tau: Number(tau) });
      expect(missed(policy), `tau ${tau}`).to.be.closeTo(gap, 5e-4);
      expect(kl(policy, ref), `tau ${tau}`).to.be.closeTo(distance, 5e-4);
    }
  });

  it("rest where a policy is its own best answer at the price tau (property)", () => {
    fc.assert(
      fc.property(world, fc.double({ min: 0.1, max: 10, noNaN: true }), ({ preferences: beats, ref: prior }, tau) => {
        const policy = regularisedEquilibrium(beats, { ref: prior, tau });
        near(onlineIpoMap(beats, policy, { ref: prior, tau }), policy, 1e-10);
        near(mirrorStep(beats, policy, { ref: prior, tau, eta: 1 / tau / 3 }), policy, 1e-10);
        // No other policy earns more, P(x > policy) - tau KL(x, ref).
        const worth = (x: ArrayLike<number>) =>
          winRatesAgainst(beats, policy).reduce((sum, won, i) => sum + x[i] * won, 0) - tau * kl(x, prior);
        expect(worth(prior)).to.be.at.most(worth(policy) + 1e-12);
      }),
      { numRuns: 25 },
    );
  });

  it("are rested on by mirror descent, and beside by Nash-MD with a constant rate; not by online IPO at a small tau", () => {
    const anchor = { ref, tau: 0.03 };
    const equilibrium = regularisedEquilibrium(preferences, anchor);
    const end = (step: (policy: Float64Array, t: number) => Float64Array, steps = 4000) =>
      kl(equilibrium, selfPlay(ref, step, { steps }).last);
    for (const [eta, beside] of Object.entries({ 0.1: 1.27e-6, 0.5: 3.23e-5, 1: 1.33e-4, 2: 5.59e-4 })) {
      const options = { ...anchor, eta: Number(eta) };
      expect(
        end((policy) => mirrorStep(preferences, policy, options)),
        `MMD ${eta}`,
      ).to.be.below(1e-9);
      expect(
        end((policy) => nashMdStep(preferences, policy, options)),
        `Nash-MD ${eta}`,
      ).to.be.closeTo(beside, 0.01 * beside);
    }
    expect(end((policy) => mirrorStep(preferences, policy, { ...anchor, eta: 4 }))).to.be.above(0.1);
    const decreasing = (policy: Float64Array, t: number) =>
      nashMdStep(preferences, policy, { ...anchor, eta: 2 / (anchor.tau * (t + 2)) });
    expect(end(decreasing, 1000)).to.be.below(1e-5);
    const ipo = (tau: number) => {
      const { last } = selfPlay(ref, (policy) => onlineIpoMap(preferences, policy, { ref, tau }), { steps: 500 });
      return kl(regularisedEquilibrium(preferences, { ref, tau }), last);
    };
    expect(ipo(0.3)).to.be.below(1e-12);
    expect(ipo(0.1)).to.be.above(0.01);
  });

  it("tell the steps apart by hand", () => {
    const two = [
      [0.5, 1],
      [0, 0.5],
    ];
    const anchor = { ref: [0.9, 0.1], tau: 0.5 };
    // Odds: wins against (1/2, 1/2) are .75 and .25, so that the odds grow by exp(eta / 2) from 1, or from the
    // mixture's.
    const odds = (policy: Float64Array) => policy[0] / policy[1];
    expect(odds(sppoStep(two, [0.5, 0.5], 0.6))).to.be.closeTo(Math.exp(0.3), 1e-12);
    expect(odds(mirrorStep(two, [0.5, 0.5], { ...anchor, eta: 0.6 }))).to.be.closeTo(9 ** 0.3 * Math.exp(0.3), 1e-12);
    const mixture = 9 ** 0.3 / (1 + 9 ** 0.3);
    const lead = mixture * 0.5 + (1 - mixture) - (1 - mixture) * 0.5;
    expect(lead).to.be.closeTo(0.5, 1e-12); // of two, whoever the opponent is
    expect(odds(nashMdStep(two, [0.5, 0.5], { ...anchor, eta: 0.6 }))).to.be.closeTo(9 ** 0.3 * Math.exp(0.3), 1e-12);
    expect(odds(onlineIpoMap(two, [0.5, 0.5], anchor))).to.be.closeTo(9 * Math.exp(1), 1e-12);
    // Of three, Nash-MD's opponent is the mixture: computed in full.
    const pi = [0.6, 0.3, 0.1];
    const back = [0.1, 0.1, 0.8];
    const three = [
      [0.5, 0.9, 0.2],
      [0.1, 0.5, 0.7],
      [0.8, 0.3, 0.5],
    ];
    const raw = pi.map((p, i) => p ** 0.7 * back[i] ** 0.3);
    const sum = raw.reduce((a, b) => a + b);
    const m = raw.map((p) => p / sum);
    const next = m.map((p, i) => p * Math.exp(0.6 * three[i].reduce((s, won, j) => s + won * m[j], 0)));
    const total = next.reduce((a, b) => a + b);
    near(
      nashMdStep(three, pi, { ref: back, tau: 0.5, eta: 0.6 }),
      next.map((p) => p / total),
      1e-12,
    );
  });

  it("keep what cannot be written at 0", () => {
    const never = [0.5, 0.5, 0, 0];
    expect(Array.from(sppoStep(preferences, never, 1)).slice(2)).to.deep.equal([0, 0]);
    const anchor = { ref: never, tau: 0.5 };
    expect(nashMdStep(preferences, ref, { ...anchor, eta: 1 })[3]).to.equal(0);
    expect(mirrorStep(preferences, [0, 0, 1, 0], { ref, tau: 0.5, eta: 2 })[0]).to.be.above(0); // eta tau = 1: ref alone
    expect(() => mirrorStep(preferences, [0, 0, 1, 0], { ...anchor, eta: 1 })).to.throw(DomainError, "got none");
  });

  it("refuse what are no preferences, policies, prices and rates", async () => {
    const refused = (p: ArrayLike<number>[], kind: typeof DomainError, words: string) =>
      expect(() => winRatesAgainst(p, [0.5, 0.5])).to.throw(kind, words);
    refused([[0.5]], ShapeError, "at least two");
    refused([[0.5, 1]], ShapeError, "at least two");
    refused([[0.5, 1], [0]], ShapeError, "preferences[1]");
    refused(
      [
        [0.5, 0.9],
        [0.2, 0.5],
      ],
      DomainError,
      "preferences[1][0]",
    );
    refused(
      [
        [0.5, 1.2],
        [-0.2, 0.5],
      ],
      DomainError,
      "preferences[0][1]",
    );
    refused(
      [
        [0.5, Number.NaN],
        [0.2, 0.5],
      ],
      DomainError,
      "preferences[0][1]",
    );
    refused(
      [
        [0, 1],
        [0, 0],
      ],
      DomainError,
      "against itself",
    );
    refused(
      [
        [0, 1],
        [-1, 0],
      ],
      DomainError,
      "against itself",
    );
    expect(() => winRatesAgainst(preferences, [1, 1, 0, 0])).to.throw(DomainError, "add up to 1");
    expect(() => winRatesAgainst(preferences, [1.5, -0.5, 0, 0])).to.throw(DomainError, "add up to 1");
    expect(() => sppoStep(preferences, ref, 0)).to.throw(DomainError, "eta");
    expect(() => sppoStep(preferences, ref, Number.NaN)).to.throw(DomainError, "eta");
    expect(() => nashMdStep(preferences, ref, { ref, tau: 0.5, eta: 3 })).to.throw(DomainError, "1 / tau = 2");
    expect(() => onlineIpoMap(preferences, ref, { ref, tau: 0 })).to.throw(DomainError, "tau");
    expect(() => onlineIpoMap(preferences, ref, { ref: [1], tau: 1 })).to.throw(ShapeError, "ref");
    expect(() => mirrorStep(preferences, ref, { ref: [2, -1, 0, 0], tau: 1, eta: 0.1 })).to.throw(DomainError, "ref");
    expect(() => selfPlay(ref, (policy) => policy, { steps: 0 })).to.throw(DomainError, "steps");
    expect(() => bradleyTerryUnderSampling(preferences, [1, 1, 0, 1])).to.throw(DomainError, "sampling[2]");
    expect(() => bradleyTerryUnderSampling(preferences, [1, 1])).to.throw(ShapeError, "sampling");
    expect(() =>
      bradleyTerryUnderSampling([
        [0.5, 1],
        [0, 0.5],
      ]),
    ).to.throw(ConvergenceError);
    expect(() => regularisedEquilibrium(preferences, { ref, tau: 0.01 }, { iterations: 10 })).to.throw(
      ConvergenceError,
      "10 steps",
    );
  });
});
