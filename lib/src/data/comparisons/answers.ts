import { complaint, DataError } from "../../core/index.js";
import { type ByteSource, bytesOf, sourceName } from "./bytes.js";
import { type Columns, checkColumns, type Fields, missing, renamed } from "./columns.js";
import { refusePrefill, type TextComparison } from "./layouts.js";
import { linesOf } from "./lines.js";
import { asMessages, noText, renderAnswer, renderMessages, renderPrompt, unpacked } from "./messages.js";
import { recordsOf } from "./records.js";

/** A prompt and how it should be answered: data for supervised fine-tuning. */
export interface TextDemonstration {
  readonly prompt: string;
  readonly completion: string;
}

/** One answer, and whether it is wanted: a thumb up or down, data for KTO (arXiv:2402.01306). */
export interface UnpairedPreference extends TextDemonstration {
  readonly label: boolean;
}

/** Each comparison as two single verdicts: the chosen answer is wanted, the rejected one is not. */
export function* unpair(comparisons: Iterable<TextComparison>): Generator<UnpairedPreference> {
  for (const { prompt, chosen, rejected } of comparisons) {
    yield { prompt, completion: chosen, label: true };
    yield { prompt, completion: rejected, label: false };
  }
}

/** The chosen answers as demonstrations: fine-tuning on what people preferred. */
export function* chosenDemonstrations(comparisons: Iterable<TextComparison>): Generator<TextDemonstration> {
  for (const { prompt, chosen } of comparisons) yield { prompt, completion: chosen };
}

export interface AnswerOptions {
  /**
   * What fields are called in the file, where they are called otherwise: { prompt: "question", completion: "answer" }.
   */
  columns?: Columns;
}

/**
 * Reads demonstrations from JSONL, plain or gzip, one at a time: { prompt, completion } as texts or as
 * lists of messages, or whole conversations { messages } that end with an assistant's turn. Messages become
 * text in the way of HH-RLHF.
 * @throws DataError with the file and the line
 */
export function readDemonstrations(source: ByteSource, options: AnswerOptions = {}): AsyncGenerator<TextDemonstration> {
  return read(source, options, demonstrationFromFields);
}

/** Reads single verdicts { prompt, completion, label }, label true or false. As `readDemonstrations`. */
export function readUnpairedPreferences(
  source: ByteSource,
  options: AnswerOptions = {},
): AsyncGenerator<UnpairedPreference> {
  return read(source, options, (fields) => {
    const { label } = fields;
    if (label === undefined) throw missing("label", fields);
    if (typeof label !== "boolean") throw new DataError(complaint("label", "true or false", label));
    return { ...demonstrationFromFields(fields), label };
  });
}

/**
 * Reads prompts { prompt }, as texts or as lists of messages. A list whose last turn is the assistant's is a
 * turn that has been begun: its text ends with it, and the model goes on there (TRL's continue_final_message).
 * As `readDemonstrations`.
 */
export function readPrompts(source: ByteSource, options: AnswerOptions = {}): AsyncGenerator<string> {
  return read(source, options, (fields) => {
    const prompt = unpacked("prompt", fields.prompt);
    if (prompt === undefined) throw missing("prompt", fields);
    if (Array.isArray(prompt)) {
      const messages = asMessages("prompt", prompt);
      return messages.at(-1)?.role === "assistant" ? renderMessages(messages) : renderPrompt(messages);
    }
    if (typeof prompt !== "string") throw noText("prompt", prompt);
    return prompt;
  });
}

function demonstrationFromFields(fields: Fields): TextDemonstration {
  const [prompt, completion, messages] = ["prompt", "completion", "messages"].map((name) => {
    return unpacked(name, fields[name]) ?? undefined; // tables put null where a record has no such field
  });
  if (messages !== undefined && prompt === undefined && completion === undefined) {
    const all = asMessages("messages", messages);
    const answer = renderAnswer("the last message", all.slice(-1));
    return { prompt: renderPrompt(all.slice(0, -1)), completion: answer };
  }
  if (Array.isArray(prompt) || Array.isArray(completion)) {
    const asked = asMessages("prompt", prompt);
    refusePrefill(asked);
    return {
      prompt: renderPrompt(asked),
      completion: renderAnswer("completion", asMessages("completion", completion)),
    };
  }
  for (const [name, value] of Object.entries({ prompt, completion })) {
    if (fields[name] === undefined) throw missing(name, fields);
    if (typeof value !== "string") throw noText(name, fields[name]);
  }
  return { prompt: prompt as string, completion: completion as string };
}

const LONGEST = 2 ** 24;

function read<T>(source: ByteSource, { columns = {} }: AnswerOptions, parse: (fields: Fields) => T): AsyncGenerator<T> {
  checkColumns(columns);
  return walk(source, (fields) => parse(renamed(fields, columns)));
}

async function* walk<T>(source: ByteSource, parse: (fields: unknown) => T): AsyncGenerator<T> {
  const name = sourceName(source);
  try {
    for await (const { line, fields, reason } of recordsOf(linesOf(bytesOf(source), LONGEST), "jsonl", LONGEST, [])) {
      if (reason !== undefined) throw new DataError(`line ${line}: ${reason}`);
      yield attempt(line, () => parse(fields));
    }
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${name}: ${error.message}`);
    throw error;
  }
}

function attempt<T>(line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`line ${line}: ${error.message}`);
    throw error;
  }
}
