import type { MetricsRecord } from "../../core/index.js";
import { type Transformer, type TransformerParams, transformer } from "../../models/index.js";
import { type Key, split } from "../../random/index.js";
import { adamW, cosineSchedule, disposeTree } from "../../tensor/index.js";
import { type LoopOptions, type LoopState, trainLanguageModel, trainSupervised } from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import type { PipelineConfig } from "./config.js";

/** Where the numbers of a stage go: a folder to resume from, a progress bar, a live figure. */
export type StageOptions = Pick<LoopOptions<LoopState>, "folder" | "resume" | "label" | "onRecord">;

/** A trained policy and how it came about. */
export interface TrainedPolicy {
  readonly params: TransformerParams;
  readonly history: MetricsRecord[];
}

/** The policy's architecture for a task. */
export function pipelineModel(config: PipelineConfig, task: MoodContinuation): Transformer {
  return transformer({
    ...config.model,
    vocabulary: task.tokenizer.vocabularySize,
    context: task.promptTokens + task.newTokens,
    deviation: 0.08,
  });
}

/**
 * Stage 0, the base model: reads the book from random places on. The validation loss is of chapters it has not read.
 */
export async function pretrain(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  model: Transformer,
  stage: StageOptions = {},
): Promise<TrainedPolicy> {
  const { steps, rate } = config.pretrain;
  const { state, history } = await trainLanguageModel(key, {
    ...stage,
    label: stage.label ?? "reading the book",
    model,
    optimizer: adamW({
      rate: cosineSchedule(rate, steps, { final: rate / 20, warmup: Math.ceil(steps / 20) }),
      maxNorm: 1,
      beta2: 0.98,
    }),
    train: task.corpus.train,
    validation: task.corpus.validation,
    batch: config.batch,
    length: task.promptTokens + task.newTokens - 1,
    steps,
    evaluateEvery: Math.max(1, Math.floor(steps / 5)),
    checkpointEvery: Math.max(1, Math.floor(steps / 5)),
  });
  disposeTree(state.optimizer);
  return { params: state.params, history };
}

/**
 * Stage 1, supervised fine-tuning: continue the beginning of a sentence as the author did; only the
 * continuation is learned.
 */
export async function fineTune(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  model: Transformer,
  start: TransformerParams,
  stage: StageOptions = {},
): Promise<TrainedPolicy> {
  const { steps, rate } = config.tune;
  const { state, history } = await trainSupervised(split(key)[0], {
    ...stage,
    label: stage.label ?? "fine-tuning on demonstrations",
    model,
    start,
    optimizer: adamW({ rate: cosineSchedule(rate, steps, { warmup: Math.ceil(steps / 20) }), maxNorm: 1 }),
    demonstrations: task.demonstrations,
    validation: task.heldOut.slice(0, 256),
    batch: config.batch,
    skipPrompts: true,
    steps,
    evaluateEvery: Math.max(1, Math.floor(steps / 3)),
  });
  disposeTree(state.optimizer);
  return { params: state.params, history };
}
