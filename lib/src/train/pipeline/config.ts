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
  /** Comparisons asked of simulated labelers, their noise, and the share that is kept for testing. */
  compare: { pairs: number; noise: Noise; testShare: number };
  /** The reward model: steps, rate, dropout. */
  reward: { steps: number; rate: number; dropout: number };
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
  pretrain: { steps: 1000, rate: 6e-3 },
  tune: { steps: 150, rate: 1e-3 },
  compare: { pairs: 4000, noise: { temperature: 1, lapse: 0.05 }, testShare: 0.2 },
  reward: { steps: 400, rate: 1e-3, dropout: 0.1 },
  optimise: { iterations: 100, rate: 1e-3, beta: 0.1 },
};
