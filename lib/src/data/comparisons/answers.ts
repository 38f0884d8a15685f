import { complain, DataError } from "../../core/index.js";
import { type ByteSource, bytesOf, sourceName } from "./bytes.js";
import { asMessages, renderAnswer, renderPrompt, type TextComparison } from "./layouts.js";
import { linesOf } from "./lines.js";
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

/**
 * Reads demonstrations from JSONL, plain or gzip, one at a time: { prompt, completion } as texts or as lists of messages, or whole
 * conversations { messages } that end with an assistant's turn. Messages become text in the way of HH-RLHF.
 * @throws DataError with the file and the line
 */
export function readDemonstrations(source: ByteSource): AsyncGenerator<TextDemonstration> {
  return read(source, demonstrationFromFields);
}

/** Reads single verdicts { prompt, completion, label }, label true or false. As `readDemonstrations`. */
export function readUnpairedPreferences(source: ByteSource): AsyncGenerator<UnpairedPreference> {
  return read(source, (fields) => {
    const { label } = fields;
    if (typeof label !== "boolean") throw new DataError(complain("label", "true or false", label));
    return { ...demonstrationFromFields(fields), label };
  });
}

/** Reads prompts { prompt }, as texts or as lists of messages. As `readDemonstrations`. */
export function readPrompts(source: ByteSource): AsyncGenerator<string> {
  return read(source, ({ prompt }) => {
    if (Array.isArray(prompt)) return renderPrompt(asMessages("prompt", prompt));
    if (typeof prompt !== "string") throw new DataError(complain("prompt", "a text or a list of messages", prompt));
    return prompt;
  });
}

type Fields = Record<string, unknown>;

function demonstrationFromFields({ prompt, completion, messages }: Fields): TextDemonstration {
  if (messages !== undefined && prompt === undefined) {
    const all = asMessages("messages", messages);
    return { prompt: renderPrompt(all.slice(0, -1)), completion: renderAnswer("the last message", all.slice(-1)) };
  }
  if (Array.isArray(prompt) || Array.isArray(completion)) {
    return {
      prompt: renderPrompt(asMessages("prompt", prompt)),
      completion: renderAnswer("completion", asMessages("completion", completion)),
    };
  }
  for (const [name, value] of Object.entries({ prompt, completion })) {
    if (typeof value !== "string") throw new DataError(complain(name, "a text or a list of messages", value));
  }
  return { prompt: prompt as string, completion: completion as string };
}

const LONGEST = 2 ** 24;

async function* read<T>(source: ByteSource, parse: (fields: Fields) => T): AsyncGenerator<T> {
  const name = sourceName(source);
  try {
    for await (const { line, fields, reason } of recordsOf(linesOf(bytesOf(source), LONGEST), "jsonl", LONGEST)) {
      if (reason !== undefined) throw new DataError(`line ${line}: ${reason}`);
      if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
        throw new DataError(`line ${line}: ${complain("the record", "an object", fields)}`);
      }
      yield attempt(line, () => parse(fields as Fields));
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
