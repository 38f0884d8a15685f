import { type Comparison, complaint, DataError } from "../../core/index.js";
import { type Columns, likelyPrompts, missing, renamed } from "./columns.js";
import { ASSISTANT, asMessages, type Message, noText, renderAnswer, renderPrompt, unpacked } from "./messages.js";

/** Two answers to one prompt, the better one first. */
export interface TextComparison extends Comparison<string> {
  /** For data that came as lists of messages: the same, as messages. */
  readonly messages?: { readonly prompt: Message[]; readonly chosen: Message[]; readonly rejected: Message[] };
}

/**
 * A comparison from the fields of a record, in any of these layouts:
 *
 * - prompt, chosen, rejected as texts, as they are;
 * - chosen and rejected as whole dialogues "\n\nHuman: ... \n\nAssistant: ..." (HH-RLHF): the prompt is all that they
 *   share up to and including the last "\n\nAssistant:", so that prompt + chosen is the dialogue again;
 * - chosen and rejected as other texts (TRL's implicit prompt): the prompt is what both begin with, up to the end of
 *   a word (TRL cuts within words);
 * - lists of messages {role, content}, with prompt or with a common beginning (TRL's conversational layouts): also as
 *   text, in the way of HH-RLHF. A list may be written as JSON in a text, as in cells of CSV.
 *
 * `columns` says what a field is called in the data, where it is called otherwise.
 * @throws DataError that says what is missing or of another kind; also for texts without a prompt beside a
 *   column that looks like one
 */
export function comparisonFromFields(record: unknown, columns: Columns = {}): TextComparison {
  const fields = renamed(record, columns);
  for (const name of ["chosen", "rejected"]) if (fields[name] === undefined) throw missing(name, fields);
  const [prompt, chosen, rejected] = ["prompt", "chosen", "rejected"].map((name) => unpacked(name, fields[name]));
  if (Array.isArray(chosen) || Array.isArray(rejected)) {
    return fromMessages(prompt, asMessages("chosen", chosen), asMessages("rejected", rejected));
  }
  if (typeof chosen !== "string") throw noText("chosen", chosen);
  if (typeof rejected !== "string") throw noText("rejected", rejected);
  const dialogues = chosen.startsWith("\n\nHuman:") && rejected.startsWith("\n\nHuman:");
  if (prompt !== undefined && prompt !== null) {
    if (dialogues) {
      const hint =
        "As whole dialogues they hold the prompt a second time: leave the column prompt out, or keep the answers alone";
      throw new DataError(complaint("chosen and rejected", "answers to the prompt", chosen, hint));
    }
    if (typeof prompt !== "string")
      throw new DataError(complaint("prompt", "a text, as chosen and rejected are", prompt));
    return { prompt, chosen, rejected };
  }
  if (dialogues) return splitDialogue(chosen, rejected);
  const [likely] = likelyPrompts(fields);
  if (likely !== undefined) {
    const name = JSON.stringify(likely);
    throw new DataError(
      `there is no prompt, but there is ${name}. Is that the prompt? { columns: { prompt: ${name} } }`,
    );
  }
  if (prompt === null) {
    const hint = "Leave the column out where chosen and rejected begin with their prompt";
    throw new DataError(complaint("prompt", "a text", prompt, hint));
  }
  return splitTexts(chosen, rejected);
}

function splitDialogue(chosen: string, rejected: string): TextComparison {
  const shared = commonLength(chosen, rejected);
  const turn = chosen.slice(0, shared).lastIndexOf(ASSISTANT);
  if (turn < 0) {
    throw new DataError(
      'the two dialogues have no beginning in common that ends with "\\n\\nAssistant:", so what is the prompt?',
    );
  }
  return cut(chosen, rejected, turn + ASSISTANT.length);
}

function splitTexts(chosen: string, rejected: string): TextComparison {
  let at = commonLength(chosen, rejected);
  const space = (text: string, place: number) => /\s/.test(text.charAt(place));
  const ends = (text: string) => at === text.length || space(text, at);
  if (!ends(chosen) || !ends(rejected)) {
    while (at > 0 && !space(chosen, at - 1)) at--;
    while (at > 0 && space(chosen, at - 1)) at--;
  }
  return cut(chosen, rejected, at);
}

function cut(chosen: string, rejected: string, at: number): TextComparison {
  return { prompt: chosen.slice(0, at), chosen: chosen.slice(at), rejected: rejected.slice(at) };
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function fromMessages(prompt: unknown, chosen: Message[], rejected: Message[]): TextComparison {
  let shared = 0;
  while (shared < chosen.length && shared < rejected.length && same(chosen[shared], rejected[shared])) shared++;
  // Equal conversations share all: then the last turn is the answer.
  if (shared === chosen.length && shared === rejected.length) shared--;
  let asked: Message[];
  if (Array.isArray(prompt)) {
    asked = asMessages("prompt", prompt);
    refusePrefill(asked);
    shared = 0;
  } else if (shared > 0) {
    asked = chosen.slice(0, shared);
    if (typeof prompt === "string" && !asked.some(({ content }) => content.includes(prompt.trim()))) {
      throw new DataError(complaint("prompt", "a text of the messages that chosen and rejected share", prompt));
    }
  } else if (typeof prompt === "string") {
    asked = [{ role: "user", content: prompt }];
  } else {
    throw new DataError(
      "there is no prompt: chosen and rejected have no message in common, and no prompt stands beside them",
    );
  }
  const answers = { chosen: chosen.slice(shared), rejected: rejected.slice(shared) };
  return {
    prompt: renderPrompt(asked),
    chosen: renderAnswer("chosen", answers.chosen),
    rejected: renderAnswer("rejected", answers.rejected),
    messages: { prompt: asked, ...answers },
  };
}

/**
 * @throws DataError if an assistant's turn ends the messages that a prompt was given as: whether an answer goes on
 *   with that turn, or is a turn of its own, is not said
 */
export function refusePrefill(prompt: readonly Message[]): void {
  if (prompt.at(-1)?.role !== "assistant") return;
  const hint = "Move what the assistant had begun to say to the beginning of its answers";
  throw new DataError(complaint("the last message of prompt", "one of the user", "one of the assistant", hint));
}

const same = (a: Message, b: Message) => a.role === b.role && a.content === b.content;
