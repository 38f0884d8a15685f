import {
  conservativeDpoLoss,
  dpoLoss,
  ipoLoss,
  ktoLoss,
  orpoLoss,
  robustDpoLoss,
  simpoLoss,
  stopGradient,
} from "../policy/tensor.js";
import { tf } from "../tensor/index.js";

/**
 * What a loss on pairs is made of: log-probabilities of completions in nats, summed over tokens, and
 * numbers of tokens; all [B].
 */
export interface PairInputs {
  readonly chosen: tf.Tensor1D;
  readonly rejected: tf.Tensor1D;
  readonly refChosen: tf.Tensor1D;
  readonly refRejected: tf.Tensor1D;
  readonly chosenTokens: tf.Tensor1D;
  readonly rejectedTokens: tf.Tensor1D;
}

/** A direct method: learns from pairs without a reward model and without sampling. */
export interface DirectMethod {
  readonly name: string;
  /** Whether it looks at the reference policy; one that does not costs a quarter less. */
  readonly reference: boolean;
  loss(inputs: PairInputs): tf.Scalar;
}

type Paired = (chosen: tf.Tensor, rejected: tf.Tensor, refChosen: tf.Tensor, refRejected: tf.Tensor) => tf.Scalar;
const withReference = (name: string, loss: Paired): DirectMethod => ({
  name,
  reference: true,
  loss: ({ chosen, rejected, refChosen, refRejected }) => loss(chosen, rejected, refChosen, refRejected),
});
const perToken = (name: string, loss: (chosen: tf.Tensor, rejected: tf.Tensor) => tf.Scalar): DirectMethod => ({
  name,
  reference: false,
  loss: ({ chosen, rejected, chosenTokens, rejectedTokens }) =>
    loss(tf.div(chosen, chosenTokens), tf.div(rejected, rejectedTokens)),
});

/** Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290). */
export const dpo = (options: Parameters<typeof dpoLoss>[4] = {}): DirectMethod =>
  withReference("DPO", (...pairs) => dpoLoss(...pairs, options));
/** Identity preference optimisation (Azar et al. 2023, arXiv:2310.12036). */
export const ipo = (options: Parameters<typeof ipoLoss>[4] = {}): DirectMethod =>
  withReference("IPO", (...pairs) => ipoLoss(...pairs, options));
/** DPO with labels that are believed only in part (Mitchell 2023). */
export const conservativeDpo = (options: Parameters<typeof conservativeDpoLoss>[4] = {}): DirectMethod =>
  withReference("conservative DPO", (...pairs) => conservativeDpoLoss(...pairs, options));
/** DPO that is unbiased under a known share of flipped labels (Chowdhury et al. 2024, arXiv:2403.00409). */
export const robustDpo = (options: Parameters<typeof robustDpoLoss>[4] = {}): DirectMethod =>
  withReference("robust DPO", (...pairs) => robustDpoLoss(...pairs, options));
/** Simple preference optimisation: no reference, lengths taken out (Meng et al. 2024, arXiv:2405.14734). */
export const simpo = (options: Parameters<typeof simpoLoss>[2] = {}): DirectMethod =>
  perToken("SimPO", (chosen, rejected) => simpoLoss(chosen, rejected, options));
/** Odds ratio preference optimisation: fine-tuning and preferences in one (Hong et al. 2024, arXiv:2403.07691). */
export const orpo = (options: Parameters<typeof orpoLoss>[2] = {}): DirectMethod =>
  perToken("ORPO", (chosen, rejected) => orpoLoss(chosen, rejected, options));

/**
 * Kahneman-Tversky optimisation on pairs taken apart: each chosen completion is desirable, each rejected one is
 * not (Ethayarajh et al. 2024, arXiv:2402.01306). The reference point is the batch's mean of logpNew - logpRef,
 * at least 0. The paper estimates it from mismatched pairs of prompts and completions; the batch's own mean
 * needs no second reading.
 */
export const kto = (options: Parameters<typeof ktoLoss>[4] = {}): DirectMethod => ({
  name: "KTO",
  reference: true,
  loss({ chosen, rejected, refChosen, refRejected }) {
    const both = (a: tf.Tensor1D, b: tf.Tensor1D) => tf.concat([a, b]);
    const [logpNew, logpRef] = [both(chosen, rejected), both(refChosen, refRejected)];
    const desirable = both(tf.onesLike(chosen), tf.zerosLike(rejected));
    const point = stopGradient(tf.relu(tf.mean(tf.sub(logpNew, logpRef))));
    return ktoLoss(logpNew, logpRef, desirable, point, options);
  },
});
