import { split } from "rlhf-lab";
import {
  amplificationTrial,
  crossExamination,
  digitDebate,
  isThereAOne,
  obfuscatedDetection,
  performanceGapRecovered,
  proverLeads,
  type Quantifier,
  quantifiedDebate,
  verifierLeads,
  weakToStrongTrial,
} from "rlhf-lab/alignment";
import { opticalDigits } from "rlhf-lab/data";
import { uniform } from "rlhf-lab/random";
import { both, every, exactly, experiment, mean } from "../../../scripts/claims/claim.js";

const digits = opticalDigits();

export default [
  experiment("debates about digits", {
    keys: 10,
    run: (key) => {
      const at = (shown: number, taught: number, bias: number) => digitDebate(key, digits, { shown, taught, bias });
      return {
        four: at(4, 1000, 0),
        sixteen: at(16, 1000, 0),
        beginner: at(6, 50, 0),
        biased: at(4, 1000, 4),
      };
    },
  }).shows({
    "17/debate-helps-a-weak-judge": both(
      mean(({ four }) => four.random, { between: [0.42, 0.5] }),
      mean(({ four }) => four.debate, { between: [0.78, 0.86] }),
      every(({ four }) => four.debate > four.random + 0.25),
    ),
    "17/alone-wins": both(
      every(({ four }) => four.honest > 0.99),
      every(({ four, sixteen }) => four.liar < 0.01 && sixteen.liar < 0.05),
    ),
    "17/never-beyond-the-full-view": every(({ four, sixteen, beginner }) =>
      [four, sixteen, beginner].every(({ debate, whole }) => debate < whole),
    ),
    "17/bias-breaks-debate": both(
      mean(({ four, biased }) => four.debate - biased.debate, { above: 0.2 }),
      mean(({ four, biased }) => four.whole - biased.whole, { below: 0.1 }),
    ),
  }),

  experiment("random formulas of six variables, against all cases", {
    keys: 30,
    run: (key) => {
      const [a, b] = split(key);
      const quantifiers = Array.from(uniform(a, 6), (u): Quantifier => (u < 0.5 ? "forAll" : "exists"));
      const table = uniform(b, 64);
      const holds = (values: readonly boolean[]) =>
        table[values.reduce((code, value) => 2 * code + (value ? 1 : 0), 0)] < 0.5;
      // By cases, from the innermost variable outwards.
      let truths = Array.from({ length: 64 }, (_, code) => table[code] < 0.5);
      for (const quantifier of [...quantifiers].reverse()) {
        truths = Array.from({ length: truths.length / 2 }, (_, i) =>
          quantifier === "exists" ? truths[2 * i] || truths[2 * i + 1] : truths[2 * i] && truths[2 * i + 1],
        );
      }
      const debated = quantifiedDebate(quantifiers, holds);
      return { right: holds(debated.line) === truths[0], judged: debated.judged };
    },
  }).shows({ "17/one-evaluation-is-enough": every(({ right, judged }) => right && judged === 1) }),

  exactly("one false step of N", () => ({
    unknown: obfuscatedDetection({ steps: 1024 }),
    known: obfuscatedDetection({ steps: 1024, flawIsKnown: true }),
  })).shows({ "17/unknown-flaws-pass": every(({ unknown, known }) => unknown < 0.001 && known === 1) }),

  exactly("a claim with k meanings", async () => {
    const got: { k: number; bound: number; adaptive: number }[] = [];
    for (const k of [2, 5, 8]) {
      const suits = Array.from({ length: k }, (_, r) => Array.from({ length: k }, (_, q) => (q === r ? 1 : 0)));
      got.push({ k, ...(await crossExamination(suits)) });
    }
    return got;
  }).shows({
    "17/cross-examination-binds": every((games) =>
      games.every(({ k, bound, adaptive }) => adaptive === 1 && Math.abs(bound - 1 / k) < 1e-6),
    ),
  }),

  experiment("amplification on maps of 32 places", {
    keys: 10,
    run: (key) => {
      const noisy = (cure: "none" | "mean" | "double") =>
        amplificationTrial(key, { rounds: 8, noise: 0.2, cure }).ratio[8];
      return {
        right: amplificationTrial(key, { rounds: 4 }).right,
        none: noisy("none"),
        mean: noisy("mean"),
        double: noisy("double"),
      };
    },
  }).shows({
    "17/four-rounds-know-all": both(
      mean(({ right }) => right[0], { between: [0.06, 0.09] }),
      every(({ right }) => right[4] > 0.9999),
    ),
    "17/the-curse": every(({ none }) => none < 0.5),
    "17/double-cures-most": both(
      every((told) => told.none < told.mean && told.mean < told.double),
      mean((told) => told.double, { above: 0.85 }),
      mean((told) => told.mean, { below: 0.65 }),
    ),
  }),

  // The bounds were chosen after keys 1 to 10 had been seen (0.4 for the gap recovered did not hold), so they are
  // tried on others.
  experiment("weak to strong on digits", {
    keys: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
    run: (key) => {
      const at = (pretrained: number) => {
        const trial = weakToStrongTrial(key, digits, { question: (digit) => digit >= 5, pretrained });
        const gap = (weakToStrong: number) => performanceGapRecovered({ ...trial, weakToStrong });
        return {
          taught: gap(trial.weakToStrong),
          noise: gap(trial.noise),
          confident: gap(trial.confident),
          repeated: trial.repeated,
          repeatedOfNoise: trial.repeatedOfNoise,
        };
      };
      return { none: at(0), much: at(0.75) };
    },
  }).shows({
    "17/mistakes-with-a-reason-are-learned": both(
      mean(({ none }) => none.taught, { below: 0.25 }),
      every(({ none }) => none.noise > none.taught),
      mean(({ none }) => none.repeated, { above: 0.7 }),
      mean(({ none }) => none.repeatedOfNoise, { below: 0.45 }),
    ),
    "17/salience-recovers": both(
      every(({ none, much }) => much.taught > none.taught),
      mean(({ much }) => much.taught, { above: 0.3 }),
      mean(({ much }) => much.repeated, { below: 0.65 }),
    ),
    "17/confidence-helps-in-between": both(
      mean(({ much }) => much.confident - much.taught, { above: 0.1 }),
      mean(({ none }) => none.confident - none.taught, { below: 0.05 }),
    ),
  }),

  exactly("who commits first", async () => {
    const at = async (prior: number) => {
      const { approval, accuracy } = await proverLeads(isThereAOne(prior));
      return { prior, verifier: verifierLeads(isThereAOne(prior)).accuracy, prover: { approval, accuracy } };
    };
    return {
      low: [await at(0.2), await at(0.5), await at(0.53)],
      high: [await at(0.545), await at(0.58), await at(0.8)],
    };
  }).shows({
    "17/who-leads": every(
      ({ low, high }) =>
        [...low, ...high].every(({ verifier }) => Math.abs(verifier - 1) < 1e-9) &&
        low.every(
          ({ prior, prover }) =>
            Math.abs(prover.approval - (12 * prior) / 7) < 1e-6 &&
            Math.abs(prover.accuracy - 1 + (5 * prior) / 7) < 1e-6,
        ) &&
        high.every(
          ({ prior, prover }) => Math.abs(prover.approval - 1) < 1e-6 && Math.abs(prover.accuracy - prior) < 1e-6,
        ),
    ),
  }),
];
