import { complaint, DomainError } from "../../core/index.js";
import { foldIn, type Key, sampleWithoutReplacement, split } from "../../random/index.js";
import { judgeSentences, type MoodComparisons, type MoodTask } from "./moodTask.js";

/**
 * Panels: of each given chapter `each` different sentences by chance, and a labeler's choice in each of their pairs.
 * Row k belongs to chapter prompt[k]; a chapter has each (each - 1) / 2 rows, which share their sentences: they are not
 * independent of each other.
 * @throws DomainError for a chapter that stands twice (its sentences would be on two panels) or has
 *   fewer than `each` sentences
 */
export function moodPanels(key: Key, task: MoodTask, chapters: ArrayLike<number>, each: number): MoodComparisons {
  const numbers = Array.from(chapters);
  if (new Set(numbers).size < numbers.length)
    throw new DomainError(complaint("chapters", "no chapter twice", chapters));
  for (const chapter of numbers) {
    const length = task.chapters[chapter]?.length ?? 0;
    if (!(length >= each)) {
      throw new DomainError(complaint(`chapter ${chapter}`, `at least ${each} sentences`, length));
    }
  }
  const [sentenceKey, labelKey] = split(key);
  const rows = numbers.flatMap((chapter) => {
    const panel = sampleWithoutReplacement(foldIn(sentenceKey, chapter), task.chapters[chapter], each);
    return panel.flatMap((first, i) => panel.slice(i + 1).map((second) => ({ first, second, chapter })));
  });
  return judgeSentences(
    labelKey,
    rows.map(({ first }) => first),
    rows.map(({ second }) => second),
    Int32Array.from(rows, ({ chapter }) => chapter),
  );
}
