import { complaint, DataError } from "../../core/index.js";
import type { TextDemonstration, UnpairedPreference } from "./answers.js";
import { conversation, openTurn } from "./conversation.js";
import type { TextComparison } from "./layouts.js";
import { writeLines } from "./writeLines.js";

// The four layouts that TRL calls preference, unpaired preference, prompt-completion and prompt-only: for reward models
// and DPO; for KTO; for supervised fine-tuning; for reinforcement learning. OpenRLHF and verl read the same lines.

export interface WriteOptions {
  /**
   * As lists of messages { role, content }, for models with a chat template, instead of as texts. Dialogues in the way
   * of HH-RLHF are taken apart at their turns; any other prompt becomes one message of the user, the answer one of the
   * assistant. Default false.
   */
  messages?: boolean;
}

type Source<T> = Iterable<T> | AsyncIterable<T>;

/**
 * Writes comparisons as JSONL { prompt, chosen, rejected }, one a line, gzip if the name ends with ".gz"; returns how
 * many. The file appears when it is complete.
 * @throws DataError for one whose fields are not texts; then no file is left behind
 */
export function writeComparisons(
  path: string,
  comparisons: Source<TextComparison>,
  { messages = false }: WriteOptions = {},
): Promise<number> {
  return writeLines(path, comparisons, (comparison, k) => {
    const { prompt, chosen, rejected } = comparison;
    checkTexts("comparison", k, { prompt, chosen, rejected });
    if (!messages) return { prompt, chosen, rejected };
    if (comparison.messages !== undefined) return comparison.messages;
    refuseOpenTurn(`comparison ${k}`, prompt);
    const better = conversation(prompt, chosen);
    return { prompt: better.prompt, chosen: better.answer, rejected: conversation(prompt, rejected).answer };
  });
}

/**
 * Writes single verdicts as JSONL { prompt, completion, label }, as KTO reads them. Otherwise as `writeComparisons`.
 */
export function writeUnpairedPreferences(
  path: string,
  preferences: Source<UnpairedPreference>,
  { messages = false }: WriteOptions = {},
): Promise<number> {
  return writeLines(path, preferences, ({ prompt, completion, label }, k) => {
    checkTexts("preference", k, { prompt, completion });
    if (typeof label !== "boolean") throw new DataError(complaint(`label of preference ${k}`, "true or false", label));
    return { ...answered(`preference ${k}`, prompt, completion, messages), label };
  });
}

/**
 * Writes demonstrations as JSONL { prompt, completion }, for supervised fine-tuning. Otherwise as `writeComparisons`.
 */
export function writeDemonstrations(
  path: string,
  demonstrations: Source<TextDemonstration>,
  { messages = false }: WriteOptions = {},
): Promise<number> {
  return writeLines(path, demonstrations, ({ prompt, completion }, k) => {
    checkTexts("demonstration", k, { prompt, completion });
    return answered(`demonstration ${k}`, prompt, completion, messages);
  });
}

/** Writes prompts as JSONL { prompt }, for what is trained on answers of its own. Otherwise as `writeComparisons`. */
export function writePrompts(
  path: string,
  prompts: Source<string>,
  { messages = false }: WriteOptions = {},
): Promise<number> {
  return writeLines(path, prompts, (prompt, k) => {
    checkTexts("record", k, { prompt });
    if (!messages) return { prompt };
    return { prompt: openTurn(prompt) ?? conversation(prompt, "").prompt };
  });
}

function answered(what: string, prompt: string, completion: string, messages: boolean): object {
  if (!messages) return { prompt, completion };
  refuseOpenTurn(what, prompt);
  const { prompt: asked, answer } = conversation(prompt, completion);
  return { prompt: asked, completion: answer };
}

/** @throws DataError for a prompt within an assistant's turn: messages cannot say that the answer goes on there */
function refuseOpenTurn(what: string, prompt: string): void {
  if (openTurn(prompt) === undefined) return;
  const hint = "Move what the assistant had begun to say to the answer, or write texts";
  throw new DataError(
    complaint(`prompt of ${what}`, 'a dialogue that ends with "\\n\\nAssistant:"', prompt.slice(-40), hint),
  );
}

function checkTexts(kind: string, place: number, fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) {
    const what = `${name} of ${kind} ${place}`;
    if (typeof value !== "string") throw new DataError(complaint(what, "a text", value));
    const half = value.search(/\p{Surrogate}/u);
    if (half >= 0) {
      const hint = `At place ${half} it has half of a character, which files cannot hold. text.toWellFormed() makes it U+FFFD`;
      throw new DataError(
        complaint(what, "a text of whole characters", value.slice(Math.max(0, half - 20), half + 1), hint),
      );
    }
  }
}
