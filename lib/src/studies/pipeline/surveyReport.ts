import { complaint, ShapeError } from "../../core/index.js";
import { type Figure, line } from "../../notebook/index.js";
import { shareOfCeiling } from "./collectComparisons.js";
import { klToReach } from "./frontier.js";
import { type SurveySeed, surveyPath } from "./survey.js";

// What lesson 05 shows of a survey, wherever its seeds were run.

/** How good each seed's reward model is, in percent, for a table. */
export type SurveyAccuracy = {
  readonly seed: number;
  readonly accuracy: number;
  readonly ceiling: number;
  /** Of the way from a coin to the ceiling. */
  readonly way: number;
};

/** What a method pays, on its mean path over seeds. */
export type SurveyCost = {
  readonly name: string;
  /** Nats of KL for the level of true reward that best of n ends at; NaN if it is never reached. */
  readonly cost: number;
  /** Nats of KL, and true reward with half a 95 % interval of its mean, at the path's end. */
  readonly end: number;
  readonly mood: number;
  readonly half: number;
};

/** A row a seed. @throws ShapeError without seeds */
export function surveyAccuracies(survey: readonly SurveySeed[]): SurveyAccuracy[] {
  checkSeeds(survey);
  return survey.map(({ accuracy, ceiling }, i) => ({
    seed: i + 1,
    accuracy: 100 * accuracy,
    ceiling: 100 * ceiling,
    way: 100 * shareOfCeiling(accuracy, ceiling),
  }));
}

/** The level that costs are compared at: the true reward of best of n at its end, mean over seeds. */
export function surveyTarget(survey: readonly SurveySeed[]): number {
  checkSeeds(survey);
  return surveyPath(survey, "best of n").trueReward.at(-1) ?? Number.NaN;
}

/** A row a method. @throws ShapeError without seeds */
export function surveyCosts(survey: readonly SurveySeed[]): SurveyCost[] {
  const target = surveyTarget(survey);
  return Object.keys(survey[0].paths).map((name) => {
    const path = surveyPath(survey, name);
    const cost = klToReach(path, target);
    const last = path.kl.length - 1;
    return {
      name,
      cost: Number.isFinite(cost) ? cost : Number.NaN,
      end: path.kl[last],
      mood: path.trueReward[last],
      half: path.half[last],
    };
  });
}

/** True reward against KL, a mean path with a 95 % band for each method. @throws ShapeError without seeds */
export function surveyMap(survey: readonly SurveySeed[]): Figure {
  checkSeeds(survey);
  return line({
    title: "What people want, against how far one goes for it",
    subtitle: `means over ${survey.length} seeds, with 95 % intervals of the mean`,
    x: { title: "KL to the reference", unit: "nats per continuation" },
    y: { title: "true mood", unit: "nats" },
    series: Object.keys(survey[0].paths).map((name) => {
      const { kl, trueReward, half } = surveyPath(survey, name);
      return {
        name,
        x: kl,
        y: trueReward,
        band: { low: trueReward.map((y, i) => y - half[i]), high: trueReward.map((y, i) => y + half[i]) },
        markers: true,
      };
    }),
  });
}

/** The same paths by the reward that they were trained on. @throws ShapeError without seeds */
export function surveyLearnedMap(survey: readonly SurveySeed[]): Figure {
  checkSeeds(survey);
  return line({
    title: "The same paths, judged by the reward they were trained on",
    x: { title: "KL to the reference", unit: "nats per continuation" },
    y: { title: "learned reward", unit: "nats" },
    series: Object.keys(survey[0].paths).map((name) => {
      const { kl, reward } = surveyPath(survey, name);
      return { name, x: kl, y: reward, markers: true };
    }),
  });
}

function checkSeeds(survey: readonly SurveySeed[]): void {
  if (survey.length === 0) throw new ShapeError(complaint("survey", "at least one seed", survey));
}
