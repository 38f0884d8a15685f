import type { TransformerOptions } from "../../models/index.js";
import type { Noise } from "../../preferences/index.js";

/** Every number of the pipeline in one place. */
export interface PipelineConfig {
  /** The policy, and by its body the reward model. Vocabulary and context follow from the task. */
  model: Pick<TransformerOptions, "width" | "layers" | "heads">;
  vocabulary: number;
  /** Tokens of a prompt and of a continuation. */
  promptTokens: number;
  newTokens: number;
  /** Rows of a batch, everywhere. */
  batch: number;

  /** Reading the book: steps and greatest learning rate. */
  pretrain: { steps: number; rate: number };
  /** Supervised fine-tuning on sentence beginnings. */
  tune: { steps: number; rate: number };
  /**
   * What simulated labelers are asked: `perPrompt` continuations to each prompt, every pair of them
   * compared (as in Ouyang et al. 2022, arXiv:2203.02155) by so many `labelers`, and their noise. Test
   * prompts are of held-out chapters.
   */
  compare: { prompts: number; testPrompts: number; perPrompt: number; labelers: number; noise: Noise };
  /**
   * The reward model: how much a word may be worth before anybody was asked (nats, `fitWordScores`); then, for the
   * transformer, steps, groups per step, rate, dropout.
   */
  reward: { deviation: number; steps: number; batch: number; rate: number; dropout: number };
  /** Reinforcement learning: iterations, rate, coefficient of the reference KL. */
  optimise: { iterations: number; rate: number; beta: number };
}

/** Small enough for a laptop: about a minute of reading, then seconds a stage. */
export const pipelineConfig: PipelineConfig = {
  model: { width: 64, layers: 2, heads: 4 },
  vocabulary: 2048,
  promptTokens: 8,
  newTokens: 24,
  batch: 32,
  pretrain: { steps: 900, rate: 6e-3 },
  tune: { steps: 150, rate: 1e-3 },
  compare: { prompts: 1200, testPrompts: 160, perPrompt: 8, labelers: 3, noise: { temperature: 1, lapse: 0.05 } },
  reward: { deviation: 0.5, steps: 80, batch: 12, rate: 1e-3, dropout: 0 },
  optimise: { iterations: 80, rate: 7e-4, beta: 0.3 },
};
