import { checkCount } from "../../../core/checks.js";
import { complaint, DomainError } from "../../../core/index.js";
import { mean } from "../../../numerics/index.js";
import { foldIn, randint } from "../../../random/index.js";
import { capture, disposeTree, memoize, type Tree, tf } from "../../../tensor/index.js";
import type { LanguageModelState } from "../../languageModel.js";
import { freeUnused } from "../../loop.js";
import { supervisedStep } from "../../supervised.js";
import { runStep } from "../../train.js";
import { approxKlOf, writtenRows } from "../approxKl.js";
import type { Experience } from "../experience.js";
import type { Learner, LearnerAlgorithm, LearnerSetup } from "../learner.js";

export interface ExpertIterationOptions {
  /** Completions to each prompt, the best of which is kept (4). */
  group?: number;
  /** Gradient steps per round (20), each on so many kept completions, drawn with replacement (64). */
  steps?: number;
  rows?: number;
}

/**
 * Expert iteration: write some completions to each prompt, keep the best, fine-tune on them, again (Anthony et al.
 * 2017, arXiv:1705.08439). An iteration of the trainer is a round; a single one is rejection-sampling fine-tuning
 * (Touvron et al. 2023, arXiv:2307.09288). Nothing holds it near the reference but the number of rounds: beta is 0, and
 * the reference KL is only measured. Reported besides: best (mean reward of what was kept), loss (nats per token, at
 * the last step), and approxKl after the round's steps.
 * @throws DomainError for a number that cannot be, and for a targetKl, which nothing here could steer
 */
export function expertIteration({ group = 4, steps = 20, rows = 64 }: ExpertIterationOptions = {}): LearnerAlgorithm {
  for (const [name, count] of Object.entries({ group, steps, rows })) {
    checkCount(name, count);
  }
  return { name: "expert iteration", group, learner: (setup) => expertLearner({ steps, rows }, setup) };
}

function expertLearner<O extends Tree>(
  { steps, rows }: Required<Omit<ExpertIterationOptions, "group">>,
  { model, start, optimizer, targetKl }: LearnerSetup<O>,
): Learner<{ params: { policy: LanguageModelState<O>["params"] }; optimizer: O; beta: tf.Scalar }> {
  if (targetKl !== undefined)
    throw new DomainError(complaint("targetKl", "none: expert iteration has no KL", targetKl));
  const step = memoize([model, optimizer], "supervised step", () => supervisedStep(model, optimizer));
  return {
    begin: () => ({ params: { policy: start }, optimizer: optimizer.init(start), beta: tf.scalar(0) }),
    learn(key, { params, optimizer: moments, beta }, experience) {
      const kept = bestRows(experience);
      const begun: LanguageModelState<O> = { params: params.policy, optimizer: moments };
      let state = begun;
      let metrics: Record<string, number> = {};
      for (let n = 0; n < steps; n++) {
        const drawn = Array.from(randint(foldIn(key, n), rows, 0, kept.length), (i) => kept[i]);
        const batch = writtenRows(experience, drawn);
        const result = runStep(capture(step, [state, batch]), state, batch);
        disposeTree(batch);
        freeUnused([begun, result.state], state);
        ({ state, metrics } = result);
        if (Object.values(metrics).some((number) => !Number.isFinite(number))) break;
      }
      const best = mean(kept.map((row) => experience.reward[row]));
      return {
        state: { params: { policy: state.params }, optimizer: state.optimizer, beta },
        metrics: { best, ...metrics, approxKl: approxKlOf(model, state.params, experience) },
      };
    },
  };
}

/** The row of the greatest reward in each group; of equals the first. */
function bestRows({ rows, group, reward }: Experience): number[] {
  return Array.from({ length: rows / group }, (_, g) => {
    let best = g * group;
    for (let row = best + 1; row < (g + 1) * group; row++) if (reward[row] > reward[best]) best = row;
    return best;
  });
}
