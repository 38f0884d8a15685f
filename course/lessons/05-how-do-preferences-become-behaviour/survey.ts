// Lesson 05's survey, a seed a process. Seeds 1 to 4 are those of the lesson at its seed 5.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { foldIn, key, split } from "rlhf-lab";
import { tableBundle } from "rlhf-lab/notebook";
import {
  collectComparisons,
  fineTune,
  type PipelineConfig,
  pipelineConfig,
  pipelineModel,
  pretrain,
  type SurveySeed,
  surveyAccuracies,
  surveyCosts,
  surveyLearnedMap,
  surveyMap,
  surveySeed,
  surveyTarget,
} from "rlhf-lab/studies";
import { moodContinuation } from "rlhf-lab/worlds/text";
import type { Observation } from "../../../scripts/claims/claim.js";
import { withLock } from "../../../scripts/setup/lock.mjs";
import type { Study } from "../../../scripts/survey/study.js";

const plan = { seeds: 4, iterations: 36, dpo: { steps: 120, rate: 1e-3 } };

/** The way there, not results: a minute in all. */
const quick = {
  config: {
    ...pipelineConfig,
    model: { width: 16, layers: 1, heads: 2 },
    vocabulary: 300,
    pretrain: { ...pipelineConfig.pretrain, steps: 20 },
    tune: { ...pipelineConfig.tune, steps: 5 },
    compare: { ...pipelineConfig.compare, prompts: 24, testPrompts: 12, perPrompt: 3 },
    reward: { ...pipelineConfig.reward, steps: 4 },
  } satisfies PipelineConfig,
  iterations: 6,
  dpo: { steps: 6, rate: 1e-3 },
};

export default {
  seeds: Array.from({ length: plan.seeds }, (_, i) => i + 1),
  more: true,
  async run(seed, options) {
    const { config, iterations, dpo } = options.quick ? quick : { config: pipelineConfig, ...plan };
    const [bookKey, readKey, tuneKey, askKey, , , , surveyKey] = split(key(5), 9);
    const task = moodContinuation(bookKey, config);
    const model = pipelineModel(config, task);
    // The first process reads the book; the others wait for it, and find what it has read.
    mkdirSync(options.shared, { recursive: true });
    const stage = (part: string) => ({ folder: join(options.shared, part), resume: true, label: false as const });
    const tuned = await withLock(join(options.shared, "lock"), async () => {
      const base = await pretrain(readKey, config, task, model, stage("1-base"));
      return fineTune(tuneKey, config, task, model, base.params, stage("2-tuned"));
    });
    const found = await surveySeed(foldIn(surveyKey, seed - 1), config, task, model, tuned.params, {
      iterations,
      written: collectComparisons(askKey, config, task, model, tuned.params),
      dpo: { ...dpo, beta: config.optimise.beta },
    });
    return found as unknown as Observation;
  },
  report(observations, seeds) {
    const survey = observations as unknown as SurveySeed[];
    const accuracies = surveyAccuracies(survey).map((row, i) => ({ ...row, seed: seeds[i] }));
    const tables = [
      tableBundle(accuracies, {
        columns: { seed: "seed", accuracy: "accuracy (%)", ceiling: "ceiling (%)", way: "of the way (%)" },
        caption: "the reward model on answers about held-out chapters",
        digits: 3,
      }),
      tableBundle(surveyCosts(survey), {
        columns: {
          name: "method",
          cost: `nats for a mood of ${surveyTarget(survey).toFixed(2)}`,
          end: "nats at its end",
          mood: "mood at its end",
          half: "-+ (95 %)",
        },
        caption: `on mean paths of ${seeds.length} seeds`,
        digits: 3,
      }),
    ];
    return {
      text: tables.map((bundle) => bundle["text/plain"]).join("\n\n"),
      figures: { map: surveyMap(survey), learned: surveyLearnedMap(survey) },
    };
  },
} satisfies Study;
