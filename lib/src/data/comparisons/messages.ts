import { complaint, DataError } from "../../core/index.js";

/** One turn of a conversation. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

export const ASSISTANT = "\n\nAssistant:";

/** Messages as one text: "\n\nHuman: ...", "\n\nAssistant: ...", other roles by their name. */
export function renderMessages(messages: readonly Message[]): string {
  return messages.map(({ role, content }) => `${heading(role)} ${content}`).join("");
}

function heading(role: string): string {
  if (role === "user") return "\n\nHuman:";
  return `\n\n${role.slice(0, 1).toUpperCase()}${role.slice(1)}:`;
}

/** Messages as a text that waits for an answer. @throws DataError if there are none */
export function renderPrompt(messages: readonly Message[]): string {
  if (messages.length === 0) throw new DataError(complaint("prompt", "at least one message", messages));
  return renderMessages(messages) + ASSISTANT;
}

/** Messages as what follows such a text. @throws DataError unless the assistant begins */
export function renderAnswer(name: string, messages: readonly Message[]): string {
  if (messages[0]?.role !== "assistant") {
    const got = messages.length === 0 ? "nothing" : `a message of ${messages[0].role}`;
    throw new DataError(complaint(`${name} after the prompt`, "an assistant's message", got));
  }
  return renderMessages(messages).slice(ASSISTANT.length);
}

/** A list of messages, checked. @throws DataError that names the message which is none */
export function asMessages(name: string, value: unknown): Message[] {
  if (!Array.isArray(value)) throw new DataError(complaint(name, "a list of messages, as the other is", value));
  return value.map((message, k) => {
    const { role, content } = (message ?? {}) as Partial<Message>;
    if (typeof role !== "string" || typeof content !== "string") {
      throw new DataError(complaint(`message ${k} of ${name}`, "{ role, content }, both texts", message));
    }
    return { role, content };
  });
}

/** The error for a field that is neither a text nor a list of messages. */
export function noText(name: string, value: unknown): DataError {
  const hint = value === null ? 'In CSV an empty cell is null, and "" in quotes an empty text' : "";
  return new DataError(complaint(name, "a text or a list of messages", value, hint));
}

/** How a list of messages begins that was written as one text. */
const WRITTEN = /^\s*\[\s*\{\s*(["'])(role|content|from|value)\1\s*:/;

/**
 * A field as it was meant: a text that is a list of messages in JSON (a conversation in a cell of a table) becomes that
 * list; all else stays as it is.
 * @throws DataError for such a list in another notation: pandas and the csv module of Python write 'single quotes'
 */
export function unpacked(name: string, value: unknown): unknown {
  if (typeof value !== "string" || !WRITTEN.test(value)) return value;
  try {
    const list: unknown = JSON.parse(value);
    if (Array.isArray(list)) return list;
  } catch {
    // said below
  }
  throw new DataError(
    complaint(
      name,
      "a list of messages as JSON",
      value,
      "Python's notation is not JSON: write the cell with json.dumps",
    ),
  );
}
