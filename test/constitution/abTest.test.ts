import { expect } from "chai";
import {
  exactProportionPower,
  peekingError,
  proportionPower,
  samplesPerArm,
} from "../../lib/src/constitution/index.js";
import { DomainError } from "../../lib/src/core/index.js";
import { key, normal, split } from "../../lib/src/random/index.js";
import { golden } from "./golden.js";

describe("A/B tests", () => {
  it("have the power of R's power.prop.test", () => {
    const { n, p1, p2, power } = golden<{ n: number; p1: number; p2: number; power: number }>("Power");
    expect(proportionPower(n, p1, p2)).to.be.closeTo(power, 1e-6);
    expect(proportionPower(n, p2, p1)).to.be.closeTo(power, 1e-6);
  });

  it("need the least n with the power", () => {
    for (const [p1, p2, power, alpha] of [
      [0.85, 0.9, 0.8, 0.05],
      [0.5, 0.52, 0.9, 0.01],
      [0.1, 0.4, 0.5, 0.1],
    ]) {
      const n = samplesPerArm(p1, p2, { power, alpha });
      expect(proportionPower(n, p1, p2, { alpha })).to.be.at.least(power);
      expect(proportionPower(n - 1, p1, p2, { alpha })).to.be.below(power);
    }
    expect(samplesPerArm(0.85, 0.9)).to.equal(686);
    // A quarter of the difference costs sixteen times as much, nearly.
    expect(samplesPerArm(0.5, 0.51) / samplesPerArm(0.5, 0.54)).to.be.within(15.5, 16.5);
  });

  it("by both binomials: near the approximation, and by hand for one answer a side", () => {
    expect(exactProportionPower(686, 0.85, 0.9)).to.be.closeTo(0.803, 5e-4);
    // Two single answers are told apart if they differ: |1 - 0| > z sqrt(1/2) fails at 1.96, holds at alpha 0.2.
    expect(exactProportionPower(1, 0.3, 0.8)).to.equal(0);
    expect(exactProportionPower(1, 0.3, 0.8, { alpha: 0.2 })).to.be.closeTo(0.3 * 0.2 + 0.7 * 0.8, 1e-12);
    expect(exactProportionPower(200, 0.5, 0.5)).to.be.within(0.03, 0.06);
  });

  it("peeked at err as Armitage and others tabled, and as simulated paths do", () => {
    const { looks, error } = golden<{ looks: number[]; error: number[] }>("How often repeated");
    looks.forEach((k, i) => {
      expect(peekingError(k)).to.be.closeTo(error[i], 6e-4);
    });
    const runs = 20_000;
    let rejected = 0;
    for (const k of split(key(3), runs)) {
      let sum = 0;
      const far = normal(k, 4).map((z, i) => {
        sum += z;
        return Math.abs(sum) > 1.281552 * Math.sqrt(i + 1) ? 1 : 0;
      });
      if (far.includes(1)) rejected++;
    }
    const exact = peekingError(4, { alpha: 0.2 });
    expect(Math.abs(rejected / runs - exact)).to.be.below(4 * Math.sqrt((exact * (1 - exact)) / runs));
  });

  it("refuse what is no proportion, level or count", () => {
    expect(() => proportionPower(0, 0.1, 0.2)).to.throw(DomainError, "n");
    expect(() => proportionPower(9, 0, 0.2)).to.throw(DomainError, "p1");
    expect(() => proportionPower(9, 0.2, 0.2)).to.throw(DomainError, "different");
    expect(() => samplesPerArm(0.1, 0.2, { power: 1 })).to.throw(DomainError, "power");
    expect(() => samplesPerArm(0.1, 0.2, { alpha: Number.NaN })).to.throw(DomainError, "alpha");
    expect(() => exactProportionPower(1.5, 0.1, 0.2)).to.throw(DomainError, "whole");
    expect(() => peekingError(0)).to.throw(DomainError, "looks");
  });
});
