import { complaint, DomainError } from "../core/index.js";
import { categorical, type Key, randint, split } from "../random/index.js";
import { type SequenceTree, sequenceLogProbs, sequenceTree } from "../trees/index.js";

// Probe environments: tasks so small that the right critic is known without a computation, each of which asks for one
// thing more than the one before. A critic that fails one has a bug, and the first probe that it fails says where to
// look. In the manner of Andy Jones 2021, "Debugging RL, without the agonizing pain", for prompts and texts.

/** A task for a critic: a writer whose habits are fixed, and what its texts are paid. */
export interface Probe {
  readonly name: string;
  /** What a critic that fails here is likely to have wrong. */
  readonly asks: string;
  /** Prompts are numbered 0 .. prompts-1 and equally likely. */
  readonly prompts: number;
  readonly tree: SequenceTree;
  readonly discount: number;
  /** log-probability of the next token under the writer, [P, V]; the same for every prompt. */
  readonly writer: Float64Array;
  /** The reward of each token of a reply. */
  reward(prompt: number, reply: readonly number[]): number[];
  /**
   * The answer: V of a prefix, given the prompt, from thinking alone. Prefixes that the writer never writes have none.
   */
  answer(prompt: number, prefix: readonly number[]): number;
}

/**
 * What was written in a probe, padded: prompt [B]; tokens, mask and rewards [B, T], row-major, mask 1 on
 * the tokens of the reply.
 */
export interface ProbeBatch {
  prompt: Int32Array;
  /** The reply's number in `tree.sequences`. */
  reply: Int32Array;
  tokens: Int32Array;
  mask: Uint8Array;
  rewards: Float64Array;
  width: number;
}

const END = 0;
const HALF = Math.log(0.5);
const NEVER = Number.NEGATIVE_INFINITY;

/** A writer that does the same at every prefix, or what a function says. */
function writes(tree: SequenceTree, probabilities: (prefix: readonly number[]) => number[]): Float64Array {
  return Float64Array.from(tree.prefixes.flatMap((prefix) => probabilities(prefix)));
}

/** The probes, in the order in which a critic should pass them. */
export function probes(): Probe[] {
  const one = sequenceTree(2, 1, END);
  const two = sequenceTree(2, 2, END);
  const three = sequenceTree(2, 3, END);
  const coin = () => [HALF, HALF];
  const atEnd = (reply: readonly number[], pay: number) => reply.map((_, t) => (t === reply.length - 1 ? pay : 0));
  return [
    {
      name: "always 1",
      asks: "the loss, the optimiser, the target: can the critic say a number at all?",
      ...{ prompts: 1, tree: one, discount: 1, writer: writes(one, coin) },
      reward: () => [1],
      answer: () => 1,
    },
    {
      name: "depends on the prompt",
      asks: "does the critic see the prompt, and not only where it is?",
      ...{ prompts: 2, tree: one, discount: 1, writer: writes(one, coin) },
      reward: (prompt) => [prompt === 0 ? -1 : 1],
      answer: (prompt) => (prompt === 0 ? -1 : 1),
    },
    {
      name: "depends on the token",
      asks: "does V average over what the writer may do, instead of knowing the token that came next?",
      ...{ prompts: 1, tree: one, discount: 1, writer: writes(one, coin) },
      reward: (_, [token]) => [token === 1 ? 2 : 0],
      answer: () => 1,
    },
    {
      name: "paid later",
      asks: "is a later reward brought back, by the discount, once for each step?",
      // The first token is never the end.
      ...{ prompts: 1, tree: two, discount: 0.5, writer: writes(two, (p) => (p.length === 0 ? [NEVER, 0] : coin())) },
      reward: (_, reply) => atEnd(reply, 1),
      answer: (_, prefix) => (prefix.length === 0 ? 0.5 : 1),
    },
    {
      name: "ends at any time",
      asks: "does the critic stop at the end, or does it bootstrap from the padding?",
      ...{ prompts: 1, tree: three, discount: 1, writer: writes(three, coin) },
      reward: (_, reply) => reply.map(() => 1),
      // One token for sure, another with probability 1/2, and so on.
      answer: (_, prefix) => [1.75, 1.5, 1][prefix.length],
    },
    {
      name: "decided early",
      asks: "does credit reach the word that earned it, across tokens that earn nothing?",
      ...{
        prompts: 2,
        tree: sequenceTree(3, 3, END),
        discount: 1,
        // Word 1 or 2, then word 1, then the end.
        writer: writes(
          sequenceTree(3, 3, END),
          (p) =>
            [
              [NEVER, HALF, HALF],
              [NEVER, 0, NEVER],
              [0, NEVER, NEVER],
            ][p.length],
        ),
      },
      reward: (prompt, reply) => atEnd(reply, reply[0] === prompt + 1 ? 1 : -1),
      answer: (prompt, prefix) => (prefix.length === 0 ? 0 : prefix[0] === prompt + 1 ? 1 : -1),
    },
  ];
}

/** A probe by its name. @throws DomainError if there is none */
export function probe(name: string): Probe {
  const found = probes().find((one) => one.name === name);
  if (found === undefined)
    throw new DomainError(
      complaint(
        "probe",
        probes()
          .map((p) => p.name)
          .join(", "),
        name,
      ),
    );
  return found;
}

/** n replies of the writer, to prompts by chance. */
export function probeReplies(key: Key, probe: Probe, n: number): ProbeBatch {
  const [promptKey, replyKey] = split(key);
  const prompt = randint(promptKey, n, 0, probe.prompts);
  const reply = categorical(replyKey, sequenceLogProbs(probe.tree, probe.writer), n);
  const width = probe.tree.length;
  const tokens = new Int32Array(n * width).fill(probe.tree.end);
  const mask = new Uint8Array(n * width);
  const rewards = new Float64Array(n * width);
  prompt.forEach((x, b) => {
    const text = probe.tree.sequences[reply[b]];
    tokens.set(text, b * width);
    mask.fill(1, b * width, b * width + text.length);
    rewards.set(probe.reward(x, text), b * width);
  });
  return { prompt, reply, tokens, mask, rewards, width };
}

/**
 * One place where a critic can be asked: what it should say, and how often the writer comes by (per
 * reply, over all prompts).
 */
export interface ProbeQuestion {
  prompt: number;
  /** The prefix's number in the tree. */
  prefix: number;
  answer: number;
  reach: number;
}

/** Every state that the writer can come to. */
export function probeQuestions(probe: Probe): ProbeQuestion[] {
  const { tree, writer, prompts } = probe;
  const V = tree.vocabulary;
  const reach = new Float64Array(tree.prefixes.length);
  reach[0] = 1;
  for (let p = 0; p < reach.length; p++) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      if (child >= 0) reach[child] = reach[p] * Math.exp(writer[p * V + v]);
    }
  }
  const questions: ProbeQuestion[] = [];
  for (let prompt = 0; prompt < prompts; prompt++) {
    tree.prefixes.forEach((prefix, p) => {
      if (reach[p] === 0) return;
      questions.push({ prompt, prefix: p, answer: probe.answer(prompt, prefix), reach: reach[p] / prompts });
    });
  }
  return questions;
}

/**
 * The values by enumeration instead of by thinking, [prompts][P]: the witness for `answer`. 0 for
 * prefixes that are never written.
 * @example probeValues(probe("depends on the prompt")) // [[-1], [1]]
 */
export function probeValues(probe: Probe): Float64Array[] {
  const { tree, writer, discount } = probe;
  const V = tree.vocabulary;
  return Array.from({ length: probe.prompts }, (_, prompt) => {
    const values = new Float64Array(tree.prefixes.length);
    for (let p = values.length - 1; p >= 0; p--) {
      for (let v = 0; v < V; v++) {
        const probability = Math.exp(writer[p * V + v]);
        if (probability === 0) continue;
        const child = tree.next[p * V + v];
        const depth = tree.prefixes[p].length;
        // A token's reward may depend on the whole reply; in these probes all continuations agree on the average.
        values[p] += probability * expectedReward(probe, prompt, [...tree.prefixes[p], v], depth, child);
        if (child >= 0) values[p] += probability * discount * values[child];
      }
    }
    return values;
  });
}

/** E[reward of the token at `depth` | the reply begins so]. */
function expectedReward(probe: Probe, prompt: number, begun: number[], depth: number, node: number): number {
  if (node < 0) return probe.reward(prompt, begun)[depth];
  const V = probe.tree.vocabulary;
  let sum = 0;
  for (let v = 0; v < V; v++) {
    const probability = Math.exp(probe.writer[node * V + v]);
    if (probability > 0) {
      sum += probability * expectedReward(probe, prompt, [...begun, v], depth, probe.tree.next[node * V + v]);
    }
  }
  return sum;
}
