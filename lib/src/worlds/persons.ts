import { complaint, DomainError } from "../core/index.js";
import { type PhraseTask, phraseTask, phraseUtility, phraseWords } from "./phrases.js";

/** People who want different things of one reply; what is known: all their utilities (lesson 22). */
export interface PersonsWorld {
  readonly task: PhraseTask;
  /** The traits (a, b, d) of each person, each +1 or -1: [8][3]. All equally likely. */
  readonly persons: readonly (readonly number[])[];
  readonly prior: Float64Array;
  /** utility[v][y]: what reply y is worth to person v, [8][259]. */
  readonly utility: readonly Float64Array[];
  /** How people write, whoever asks: the mean of the phrase task's references over its two prompts, [259]. */
  readonly writing: Float64Array;
  /** The number of a reply by its words: "good whale". */
  readonly reply: (text: string) => number;
}

/**
 * Replies of at most three words and eight persons (a, b, d): U = a mood + 1.5 b (says whale - says sea) + ending +
 * 0.75 d (words - 2). One reply for all earns 0 on average, each one's best 2.875.
 */
export function personsWorld(): PersonsWorld {
  const task = phraseTask({ length: 3 });
  const persons = Array.from({ length: 8 }, (_, code) => [2, 1, 0].map((bit) => ((code >> bit) & 1 ? -1 : 1)));
  const [whale, sea] = ["whale", "sea"].map((word) => phraseWords.indexOf(word as "whale"));
  const parts = task.tree.sequences.map((words) => {
    const { mood, ending } = phraseUtility(whale, words);
    const says = (word: number) => (words.includes(word) ? 1 : 0);
    return { mood, ending, topic: says(whale) - says(sea), length: words.filter((word) => word !== 0).length };
  });
  const utility = persons.map(([a, b, d]) =>
    Float64Array.from(
      parts,
      ({ mood, ending, topic, length }) => a * mood + 1.5 * b * topic + ending + 0.75 * d * (length - 2),
    ),
  );
  const writing = task.reference[0].map((log, y) => (Math.exp(log) + Math.exp(task.reference[1][y])) / 2);
  const byText = new Map(
    task.tree.sequences.map((words, y) => [words.map((word) => phraseWords[word]).join(" "), y] as const),
  );
  return {
    task,
    persons,
    prior: new Float64Array(8).fill(1 / 8),
    utility,
    writing,
    reply: (text) => {
      const ended = byText.get(`${text} <end>`) ?? byText.get(text);
      if (ended === undefined)
        throw new DomainError(complaint("reply", "words of the phrase task, at most three", text));
      return ended;
    },
  };
}

/** The three pairs that the labelers of lesson 22 are asked about, in turn. */
export const personsQuestions = [
  ["good whale", "bad whale"],
  ["good whale", "good sea"],
  ["whale", "whale whale"],
] as const;

/** u_v(first) - u_v(second) for each question and person, [3][8]. */
export function personsDifferences({ utility, reply }: PersonsWorld): number[][] {
  return personsQuestions.map(([first, second]) => utility.map((u) => u[reply(first)] - u[reply(second)]));
}
