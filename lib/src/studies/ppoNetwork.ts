import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum, mean } from "../numerics/index.js";
import {
  adamDescent,
  clippedValueLossAndGradient,
  generalizedAdvantages,
  minibatches,
  ppoLossAndGradient,
  twoHeadedNetwork,
  valueLossAndGradient,
  whiten,
} from "../policy/index.js";
import { foldIn, type Key, split } from "../random/index.js";
import { klShapedRewards } from "../rewards/index.js";
import {
  conditionalLogProbs,
  drawSequences,
  nextTokenLogProbs,
  sequenceLogProbs,
  tabularContexts,
  treeTokenLogProbs,
} from "../trees/index.js";
import type { PhraseTask } from "../worlds/index.js";

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
  /**
   * What replies earn, one list [N] for each prompt; the task's utility by default. The gap is measured in true
   * utility whatever is earned.
   */
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

/** A token that was drawn. */
interface Token {
  readonly x: number;
  readonly at: number;
  readonly prefix: number;
  readonly logpOld: number;
  readonly oldValue: number;
  readonly target: number;
  advantage: number;
}

/**
 * PPO with a critic and Adam on a small network that begins as the phrase task's reference policy (its head of 0 is
 * added to the reference's log-probabilities). All that happens is float64 and enumerable, so the end can be measured
 * exactly. The gap is max (E[utility] - beta KL(policy || reference)) less what the policy has of it, mean over
 * prompts; `finished` is the share of replies that end, `forecast` what the critic expects before the first word:
 * utility less beta KL, if it is right.
 * @throws DomainError for counts that are none, or a batch that prompts and parts do not divide; what the losses throw
 */
export function ppoNetwork(key: Key, task: PhraseTask, options: PpoNetworkOptions): PpoNetworkEnd {
  const { rate, iterations = 30, batch = 64, epochs = 4, parts = 2, beta = 0.5, width = 16 } = options;
  const { reward = task.utility, whitening = true, valueClip, entropy = 0, unit = 1, valueDeviation } = options;
  const { tree } = task;
  const V = tree.vocabulary;
  const asked = task.prompts.length;
  for (const [name, value] of Object.entries({ iterations, epochs, parts })) {
    checkCount(name, value);
  }
  if (!(batch > 0) || [asked, parts].some((count) => !Number.isInteger(batch / count))) {
    throw new DomainError(complaint("batch", `a multiple of the prompts, ${asked}, and of the parts, ${parts}`, batch));
  }
  const contexts = tabularContexts(tree);
  const anchors = task.reference.map((logProbs) => conditionalLogProbs(tree, logProbs));
  const net = twoHeadedNetwork(tree, { prompts: asked, width });
  const [initKey, runKey] = split(key);

  /** What the policy and its critic say, after each prompt; of some prefixes, or of all. */
  const look = (params: Float64Array, only: readonly (Uint8Array | undefined)[] = []) =>
    anchors.map((anchor, x) => {
      const heads = net.forward(params, x, only[x]);
      const logits = heads.logits.map((z, i) => anchor[i] + z);
      return { heads, logits, conditionals: nextTokenLogProbs({ tree, contexts, logits }) };
    });

  /**
   * Replies to each prompt as lists of tokens: where each stands, its advantage, and what the
   * critic should have said of it.
   */
  const explore = (k: Key, params: Float64Array): Token[][] => {
    const now = look(params);
    const replies = split(k, asked).flatMap((own, x) => {
      const { logits, heads } = now[x];
      const { sequences, tokenIndices, logpOld } = drawSequences(own, { tree, contexts, logits }, batch / asked);
      return tokenIndices.map((list, b) => {
        const logpRef = treeTokenLogProbs(anchors[x], [list])[0];
        const oldValues = Array.from(list, (at) => heads.values[Math.floor(at / V)]);
        const rewards = klShapedRewards(logpOld[b], logpRef, unit * reward[x][sequences[b]], { beta: unit * beta });
        const advantages = generalizedAdvantages(rewards, [...oldValues, 0], { discount: 1, lambda: 0.95 });
        return Array.from(list, (at, t) => ({
          x,
          at,
          prefix: Math.floor(at / V),
          logpOld: logpOld[b][t],
          oldValue: oldValues[t],
          advantage: advantages[t],
          target: advantages[t] + oldValues[t],
        }));
      });
    });
    if (whitening) {
      const tokens = replies.flat();
      const white = whiten(tokens.map(({ advantage }) => advantage));
      tokens.forEach((token, i) => {
        token.advantage = white[i];
      });
    }
    return replies;
  };

  let replies: Token[][] = [];
  let order: Int32Array[] = [];
  const steps = epochs * parts;
  const lossAt = (params: Float64Array, step: number) => {
    if (step % steps === 0) {
      const k = foldIn(runKey, step / steps);
      replies = explore(foldIn(k, 0), params);
      order = Array.from({ length: epochs }, (_, e) => minibatches(foldIn(k, 1 + e), batch, batch / parts)).flat();
    }
    const tokens = Array.from(order[step % steps], (b) => replies[b]).flat();
    const seen = anchors.map(() => new Uint8Array(tree.prefixes.length));
    for (const { x, prefix } of tokens) seen[x][prefix] = 1;
    const now = look(params, seen);
    const ones = tokens.map(() => 1);
    const actor = ppoLossAndGradient(
      tokens.map(({ x, at }) => now[x].conditionals[at]),
      tokens.map(({ logpOld }) => logpOld),
      tokens.map(({ advantage }) => advantage),
      ones,
    ).gradient;
    const values = tokens.map(({ x, prefix }) => now[x].heads.values[prefix]);
    const targets = tokens.map(({ target }) => target);
    const oldValues = tokens.map(({ oldValue }) => oldValue);
    const critic =
      valueClip === undefined
        ? valueLossAndGradient(values, targets, ones).gradient
        : clippedValueLossAndGradient(values, oldValues, targets, ones, { clip: valueClip }).gradient;
    const gradient = new Float64Array(net.size);
    now.forEach(({ heads, conditionals }, own) => {
      const P = heads.values.length;
      const slopes = { logits: new Float64Array(P * V), values: new Float64Array(P) };
      const pushed = new Float64Array(P); // the sum of a prefix's slopes, which its normaliser takes back
      const share = new Float64Array(P); // of the tokens that stand there
      tokens.forEach(({ x, at, prefix }, i) => {
        if (x !== own) return;
        slopes.values[prefix] += 0.5 * critic[i];
        slopes.logits[at] += actor[i];
        pushed[prefix] += actor[i];
        share[prefix] += 1 / tokens.length;
      });
      for (let p = 0; p < P; p++) {
        if (share[p] === 0) continue;
        let H = 0;
        for (let i = p * V; i < (p + 1) * V; i++) H -= conditionals[i] * Math.exp(conditionals[i]);
        for (let i = p * V; i < (p + 1) * V; i++) {
          // The entropy's slope in a logit is -pi (log pi + H); its token mean is what is added.
          const bonus = entropy * share[p] * (conditionals[i] + H);
          slopes.logits[i] += Math.exp(conditionals[i]) * (bonus - pushed[p]);
        }
      }
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
