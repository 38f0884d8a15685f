import { complain, DataError } from "../../core/index.js";

/** One turn of a conversation. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

/** Two answers to one prompt, the better one first. */
export interface TextComparison {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** For data that came as lists of messages: the same, as messages. */
  readonly messages?: { readonly prompt: Message[]; readonly chosen: Message[]; readonly rejected: Message[] };
}

const ASSISTANT = "\n\nAssistant:";

/**
 * A comparison from the fields of a record, in any of these layouts:
 *
 * - prompt, chosen, rejected as texts, as they are;
 * - chosen and rejected as whole dialogues "\n\nHuman: ... \n\nAssistant: ..." (HH-RLHF): the prompt is all that they share up
 *   to and including the last "\n\nAssistant:", so that prompt + chosen is the dialogue again;
 * - chosen and rejected as other texts (TRL's implicit prompt): the prompt is what both begin with, up to the end of a word
 *   (TRL cuts within words);
 * - lists of messages {role, content}, with prompt or with a common beginning (TRL's conversational layouts): also as text, in
 *   the way of HH-RLHF.
 *
 * @throws DataError that says what is missing or of another kind
 */
export function comparisonFromFields(fields: unknown): TextComparison {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new DataError(complain("the record", "an object with chosen and rejected", fields));
  }
  const { prompt, chosen, rejected } = fields as Record<string, unknown>;
  for (const [name, value] of [
    ["chosen", chosen],
    ["rejected", rejected],
  ] as const) {
    if (value === undefined)
      throw new DataError(`${name} is missing (there is: ${Object.keys(fields).join(", ") || "nothing"})`);
  }
  if (Array.isArray(chosen) || Array.isArray(rejected)) {
    return fromMessages(prompt, asMessages("chosen", chosen), asMessages("rejected", rejected));
  }
  if (typeof chosen !== "string") throw new DataError(complain("chosen", "a text or a list of messages", chosen));
  if (typeof rejected !== "string") throw new DataError(complain("rejected", "a text or a list of messages", rejected));
  if (prompt !== undefined && prompt !== null) {
    if (typeof prompt !== "string")
      throw new DataError(complain("prompt", "a text, as chosen and rejected are", prompt));
    return { prompt, chosen, rejected };
  }
  return chosen.startsWith("\n\nHuman:") && rejected.startsWith("\n\nHuman:")
    ? splitDialogue(chosen, rejected)
    : splitTexts(chosen, rejected);
}

/** Messages as one text: "\n\nHuman: ...", "\n\nAssistant: ...", other roles by their name. */
export function renderMessages(messages: readonly Message[]): string {
  return messages.map(({ role, content }) => `${heading(role)} ${content}`).join("");
}

function heading(role: string): string {
  if (role === "user") return "\n\nHuman:";
  return `\n\n${role.slice(0, 1).toUpperCase()}${role.slice(1)}:`;
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
  const shared = commonLength(chosen, rejected);
  const ends = (text: string) => shared === text.length || /\s/.test(text[shared]);
  if (ends(chosen) && ends(rejected)) return cut(chosen, rejected, shared);
  return cut(
    chosen,
    rejected,
    chosen.slice(0, shared).search(/\s+\S*$/) < 0 ? 0 : chosen.slice(0, shared).search(/\s+\S*$/),
  );
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
    shared = 0;
  } else if (shared > 0) {
    asked = chosen.slice(0, shared);
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

/** Messages as a text that waits for an answer. */
export function renderPrompt(messages: readonly Message[]): string {
  return renderMessages(messages) + ASSISTANT;
}

/** Messages as what follows such a text. @throws DataError unless the assistant begins */
export function renderAnswer(name: string, messages: readonly Message[]): string {
  if (messages[0]?.role !== "assistant") {
    const got = messages.length === 0 ? "nothing" : `a message of ${messages[0].role}`;
    throw new DataError(complain(`${name} after the prompt`, "an assistant's message", got));
  }
  return renderMessages(messages).slice(ASSISTANT.length);
}

const same = (a: Message, b: Message) => a.role === b.role && a.content === b.content;

export function asMessages(name: string, value: unknown): Message[] {
  if (!Array.isArray(value)) throw new DataError(complain(name, "a list of messages, as the other is", value));
  return value.map((message, k) => {
    const { role, content } = (message ?? {}) as Partial<Message>;
    if (typeof role !== "string" || typeof content !== "string") {
      throw new DataError(complain(`message ${k} of ${name}`, "{ role, content }, both texts", message));
    }
    return { role, content };
  });
}
