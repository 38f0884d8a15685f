import { complain, DomainError } from "../../core/index.js";
import {
  conditionalLogProbs,
  exactExpectation,
  exactKL,
  exactRegularisedOptimum,
  nextTokenLogProbs,
  type PhraseTask,
  sequenceLogProbs,
  tabularRows,
} from "../../envs/index.js";
import { mean } from "../../numerics/index.js";
import { foldIn, type Key, split } from "../../random/index.js";
import { klShapedRewards } from "../../rewards/index.js";
import { valueLossAndGradient } from "../actorCritic/valueLoss.js";
import { adamDescent } from "../direct/treeDescent.js";
import { generalizedAdvantages } from "../returns/generalizedAdvantages.js";
import { whiten } from "../returns/whiten.js";
import { drawTreeBatch, treeTokenLogProbs } from "../treePolicy.js";
import { twoHeadedNetwork } from "../twoHeadedNetwork.js";
import { clippedValueLossAndGradient } from "./clippedValueLoss.js";
import { ppoLossAndGradient } from "./loss.js";
import { minibatches } from "./minibatches.js";

export interface PpoNetworkOptions {
  /** Adam's step length. */
  readonly rate: number;
  /** Batches; 30. Replies in one, half to each prompt; 64. Epochs over it; 4. Minibatches in an epoch; 2. */
  readonly iterations?: number;
  readonly batch?: number;
  readonly epochs?: number;
  readonly parts?: number;
  /** Coefficient of the reference KL; 0.5. */
  readonly beta?: number;
  /** What replies earn, one list [N] for each prompt; the task's utility by default. The gap is measured in true utility whatever is earned. */
  readonly reward?: readonly ArrayLike<number>[];
  /** Width of the network's body; 16. */
  readonly width?: number;

  // The details that people argue about.
  /** Advantages with mean 0 and variance 1 over the batch; true. */
  readonly whitening?: boolean;
  /** By how much a value may move, in units of what is earned; no limit by default. */
  readonly valueClip?: number;
  /** Weight of the entropy that is added to what is maximised; 0. */
  readonly entropy?: number;
  /** All rewards, and beta, times this number: another unit, the same optimum; 1. */
  readonly unit?: number;
  /** Standard deviation of the weights of the critic's head at the start; 0. */
  readonly valueDeviation?: number;
}

/** What is measured at the end, exactly, mean over prompts. */
export interface PpoNetworkEnd {
  readonly gap: number;
  readonly utility: number;
  readonly finished: number;
  readonly forecast: number;
}

/**
 * PPO with a critic and Adam on a small network that begins as the phrase task's reference policy (its head of 0 is added to the reference's
 * log-probabilities). All that happens is float64 and enumerable, so the end can be measured exactly.
 * The gap is max (E[utility] - beta KL(policy || reference)) less what the policy has of it, mean over prompts; `finished` is the share of replies
 * that end, `forecast` what the critic expects before the first word: utility less beta KL, if it is right.
 * @throws DomainError for counts that are none, or a batch that prompts and parts do not divide; what the losses throw
 */
export function ppoNetwork(key: Key, task: PhraseTask, options: PpoNetworkOptions): PpoNetworkEnd {
  const { rate, iterations = 30, batch = 64, epochs = 4, parts = 2, beta = 0.5, width = 16 } = options;
  const { reward = task.utility, whitening = true, valueClip, entropy = 0, unit = 1, valueDeviation } = options;
  const { tree } = task;
  const V = tree.vocabulary;
  const asked = task.prompts.length;
  for (const [name, value] of Object.entries({ iterations, epochs, parts })) {
    if (!Number.isInteger(value) || value < 1) throw new DomainError(complain(name, "an integer of at least 1", value));
  }
  if (!(batch > 0) || [asked, parts].some((count) => !Number.isInteger(batch / count))) {
    throw new DomainError(complain("batch", `a multiple of the prompts, ${asked}, and of the parts, ${parts}`, batch));
  }
  const rows = tabularRows(tree);
  const anchors = task.reference.map((logProbs) => conditionalLogProbs(tree, logProbs));
  const net = twoHeadedNetwork(tree, { prompts: asked, width });
  const [initKey, runKey] = split(key);

  const look = (params: Float64Array) =>
    anchors.map((anchor, x) => {
      const heads = net.forward(params, x);
      const logits = heads.logits.map((z, i) => anchor[i] + z);
      return { heads, logits, conditionals: nextTokenLogProbs(tree, rows, logits) };
    });

  /** Replies to each prompt, with the advantages of their tokens and what the critic should have said of them. */
  const explore = (k: Key, params: Float64Array) => {
    const now = look(params);
    const replies = split(k, asked).flatMap((own, x) => {
      const { logits, heads } = now[x];
      const { sequences, places, logpOld } = drawTreeBatch(own, { tree, rows, logits }, batch / asked);
      return places.map((list, b) => {
        const logpRef = treeTokenLogProbs(anchors[x], [list])[0];
        const oldValues = Float64Array.from(list, (at) => heads.values[Math.floor(at / V)]);
        const rewards = klShapedRewards(logpOld[b], logpRef, unit * reward[x][sequences[b]], { beta: unit * beta });
        const advantages = generalizedAdvantages(rewards, [...oldValues, 0], { discount: 1, lambda: 0.95 });
        const returns = Float64Array.from(advantages, (A, t) => A + oldValues[t]);
        return { x, places: list, logpOld: logpOld[b], oldValues, advantages, returns };
      });
    });
    if (!whitening) return replies;
    const white = whiten(replies.flatMap(({ advantages }) => Array.from(advantages)));
    let at = 0;
    return replies.map((reply) => {
      at += reply.places.length;
      return { ...reply, advantages: white.subarray(at - reply.places.length, at) };
    });
  };

  let replies: ReturnType<typeof explore> = [];
  let order: Int32Array[] = [];
  const steps = epochs * parts;
  const lossAt = (params: Float64Array, step: number) => {
    const k = foldIn(runKey, Math.floor(step / steps));
    if (step % steps === 0) {
      replies = explore(foldIn(k, 0), params);
      order = Array.from({ length: epochs }, (_, e) => minibatches(foldIn(k, 1 + e), batch, batch / parts)).flat();
    }
    const part = Array.from(order[step % steps], (b) => replies[b]);
    const now = look(params);
    const tokens = part.flatMap(({ x, places }) => Array.from(places, (at) => ({ x, at })));
    const flat = (of: (reply: (typeof part)[number]) => ArrayLike<number>) => part.flatMap((r) => Array.from(of(r)));
    const ones = tokens.map(() => 1);
    const values = tokens.map(({ x, at }) => now[x].heads.values[Math.floor(at / V)]);
    const returns = flat((r) => r.returns);
    const actor = ppoLossAndGradient(
      tokens.map(({ x, at }) => now[x].conditionals[at]),
      flat((r) => r.logpOld),
      flat((r) => r.advantages),
      ones,
    ).gradient;
    const critic =
      valueClip === undefined
        ? valueLossAndGradient(values, returns, ones).gradient
        : clippedValueLossAndGradient(
            values,
            flat((r) => r.oldValues),
            returns,
            ones,
            { clip: valueClip },
          ).gradient;
    const gradient = new Float64Array(net.size);
    now.forEach(({ heads, conditionals }, own) => {
      const slopes = { logits: new Float64Array(conditionals.length), values: new Float64Array(heads.values.length) };
      tokens.forEach(({ x, at }, i) => {
        if (x !== own) return;
        const prefix = Math.floor(at / V);
        const logp = conditionals.subarray(prefix * V, (prefix + 1) * V);
        slopes.values[prefix] += 0.5 * critic[i];
        slopes.logits[at] += actor[i];
        const H = entropy === 0 ? 0 : logp.reduce((sum, l) => sum - l * Math.exp(l), 0);
        for (let v = 0; v < V; v++) {
          const p = Math.exp(logp[v]);
          // The entropy's slope in logit v is -p (log p + H); its token mean is what is added.
          slopes.logits[prefix * V + v] += (entropy * p * (logp[v] + H)) / tokens.length - actor[i] * p;
        }
      });
      net.backward(params, own, heads, slopes, gradient);
    });
    return { gradient };
  };
  const start = net.init(initKey, { valueDeviation });
  const end = look(adamDescent(start, lossAt, { steps: iterations * steps, rate }));

  const measured = end.map(({ conditionals, heads }, x) => {
    const logProbs = sequenceLogProbs(tree, conditionals);
    const utility = exactExpectation(logProbs, task.utility[x]);
    const best = exactRegularisedOptimum(task.reference[x], task.utility[x], beta).value;
    const ends = tree.sequences.map((reply) => (reply.at(-1) === tree.end ? 1 : 0));
    return {
      gap: best - (utility - beta * exactKL(logProbs, task.reference[x])),
      utility,
      finished: exactExpectation(logProbs, ends),
      forecast: heads.values[0] / unit,
    };
  });
  const over = (name: keyof PpoNetworkEnd) => mean(measured.map((each) => each[name]));
  return { gap: over("gap"), utility: over("utility"), finished: over("finished"), forecast: over("forecast") };
}
