import { exactExpectation, mean, pearsonCorrelation } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { foldIn, type Key, randint, split } from "../../random/index.js";
import { ensembleReward } from "../../rewards/index.js";
import { type TokenRows, tokenInputs, transformerReward } from "../../rewards/tensor.js";
import { adam, disposeTree, tf } from "../../tensor/index.js";
import { trainRewardModel } from "../../train/index.js";
import { compareReplies, type ProxyWorld } from "../hacking/phraseProxy.js";

/** The token that asks about the whale, as in `proxyWorld`. */
const PROMPT = 5;
/** Prompt and reply. */
const CONTEXT = 6;

export interface TransformerEnsembleOptions {
  comparisons?: number;
  members?: number;
  steps?: number;
  /** Share of activations dropped by the model whose dropout draws are compared; default 0.1. */
  dropout?: number;
  kls?: readonly number[];
  label?: string | false;
}

/** What the ensemble says of the replies that some policy writes: means over its replies. */
export interface Disagreement {
  /** Deviation of the members, each centred on the reference. */
  ensemble: number;
  /** Deviation over dropout draws of one model. */
  dropout: number;
  /** |mean reward - utility|, both centred on the reference: how wrong the reward is. */
  error: number;
}

/** Rewards of every reply, [N], made out of those of the members: what pays a policy. */
export type EnsembleRule = "one" | "mean" | "mean - sd" | "mean - variance" | "least";

/**
 * The members' rewards [K][N] made into one by each rule, all centred on `logRef`: the first member alone, the mean,
 * the mean less one sd or less one variance, the least (`ensembleReward`; Coste et al. 2023, arXiv:2310.02743).
 */
export function ensembleRules(
  members: readonly Float64Array[],
  logRef: ArrayLike<number>,
): Record<EnsembleRule, Float64Array> {
  const centre = { centre: logRef };
  const average = ensembleReward.mean(members, centre);
  const spread = ensembleReward.disagreement(members, centre);
  return {
    one: ensembleReward.mean(members.slice(0, 1), centre),
    mean: average,
    "mean - sd": average.map((r, y) => r - spread[y]),
    "mean - variance": ensembleReward.uncertaintyWeighted(members, { ...centre, lambda: 1 }),
    least: ensembleReward.worstCase(members, centre),
  };
}

export interface TransformerEnsemble {
  /** What each member says of every reply, [K][N]. */
  members: Float64Array[];
  /** Under the reference, then under the policies that climb the mean to each KL. */
  disagreement: Disagreement[];
  /** E[U] at each KL of what climbs one member, the members' mean, their mean - 1 sd, their least, and the truth. */
  utility: Record<"one" | "mean" | "mean - sd" | "least" | "truth", number[]>;
  /** Correlation, over the replies of the policy at the last KL but one, of a deviation with the error. */
  follows: { ensemble: number; dropout: number };
}

/**
 * Reward models that read: `members` small transformers, each taught on its own bootstrap of the same comparisons from
 * its own start, and one more with dropout, asked `DRAWS` times with fresh masks. All replies are scored, so that the
 * policies are the exact tilts at each KL: nothing but the reward is learned. (Coste et al. 2023, arXiv:2310.02743,
 * with four models and PPO.)
 */
export async function transformerEnsemble(
  key: Key,
  world: ProxyWorld,
  {
    comparisons = 400,
    members = 4,
    steps = 120,
    dropout = 0.1,
    kls = [1, 2, 4, 8],
    label = false,
  }: TransformerEnsembleOptions = {},
): Promise<TransformerEnsemble> {
  const [askKey, memberKey, dropKey] = split(key, 3);
  const pairs = compareReplies(askKey, world, comparisons);
  const learn = async (own: Key, rows: ArrayLike<number>, rate: number, draws: number) => {
    const model = transformerReward(
      { vocabulary: 7, context: CONTEXT, width: 16, layers: 1, heads: 2, dropout: rate, deviation: 0.1 },
      CONTEXT,
    );
    const train = tokenInputs(
      Array.from(rows, (k) => ({
        prompt: [PROMPT],
        chosen: world.replies[pairs.chosen[k]],
        rejected: world.replies[pairs.rejected[k]],
      })),
      { length: CONTEXT },
    );
    const { params } = await trainRewardModel(own, {
      ...{ model, optimizer: adam({ rate: 0.005 }), train, steps, batch: 64, l2: 0.001, label },
    });
    const rewards = scoreAll(
      world,
      (x, k) =>
        model.rewards(
          params,
          x,
          k < 0 || model.masks === undefined ? undefined : model.masks(foldIn(own, k), x.tokens.shape[0]),
        ),
      draws,
    );
    disposeTree(params);
    return rewards;
  };
  const scores: Float64Array[] = [];
  for (const own of split(memberKey, members)) {
    const [rowKey, trainKey] = split(own);
    scores.push((await learn(trainKey, randint(rowKey, comparisons, 0, comparisons), 0, 0))[0]);
  }
  const all = Int32Array.from({ length: comparisons }, (_, k) => k);
  const dropped = await learn(dropKey, all, dropout, DRAWS);
  return judge(world, scores, dropped, kls);
}

/** Dropout draws. */
const DRAWS = 8;

/** Scores of all replies: without dropout if `draws` is 0, else so many times with fresh masks, [draws][N]. */
function scoreAll(
  { replies }: ProxyWorld,
  rewards: (x: TokenRows, draw: number) => tf.Tensor1D,
  draws: number,
): Float64Array[] {
  const N = replies.length;
  const tokens = new Int32Array(N * CONTEXT);
  replies.forEach((reply, y) => {
    tokens[y * CONTEXT] = PROMPT;
    tokens.set(reply, y * CONTEXT + 1);
  });
  return Array.from({ length: Math.max(1, draws) }, (_, draw) => {
    const found = tf.tidy(() => {
      const ends = tf.tensor1d(
        replies.map((reply) => reply.length),
        "int32",
      );
      const x = { tokens: tf.tensor2d(tokens, [N, CONTEXT], "int32"), ends };
      return rewards(x, draws === 0 ? -1 : draw).dataSync();
    });
    return Float64Array.from(found);
  });
}

function judge(
  { utility, logRef }: ProxyWorld,
  scores: Float64Array[],
  dropped: Float64Array[],
  kls: readonly number[],
): TransformerEnsemble {
  const centre = { centre: logRef };
  const { mean: average, ...rules } = ensembleRules(scores, logRef);
  const spread = ensembleReward.disagreement(scores, centre);
  const dropSpread = ensembleReward.disagreement(dropped, centre);
  const zero = exactExpectation(logRef, utility);
  const error = average.map((r, y) => Math.abs(r - (utility[y] - zero)));
  const climb = (score: Float64Array) => kls.map((kl) => tiltUpToKl(logRef, score, kl));
  const gold = (score: Float64Array) => climb(score).map((policy) => exactExpectation(policy, utility));
  const one = scores.map(gold);
  const policies = climb(average);
  const asked = policies[Math.max(0, kls.length - 2)];
  const likely = Array.from(asked, (_, y) => y).filter((y) => asked[y] > Math.log(1e-4));
  const correlate = (own: Float64Array) =>
    pearsonCorrelation(
      likely.map((y) => own[y]),
      likely.map((y) => error[y]),
    );
  return {
    members: scores,
    disagreement: [logRef, ...policies].map((policy) => ({
      ensemble: exactExpectation(policy, spread),
      dropout: exactExpectation(policy, dropSpread),
      error: exactExpectation(policy, error),
    })),
    utility: {
      one: kls.map((_, i) => mean(one.map((own) => own[i]))),
      mean: gold(average),
      "mean - sd": gold(rules["mean - sd"]),
      least: gold(rules.least),
      truth: gold(utility),
    },
    follows: { ensemble: correlate(spread), dropout: correlate(dropSpread) },
  };
}
