import type { Message } from "./messages.js";

const ROLES: Record<string, string> = { Human: "user", Assistant: "assistant", System: "system" };
const TURN = /\n\n(Human|Assistant|System):/;
const OPEN = "\n\nAssistant:";

/**
 * A prompt and its answer as messages. A prompt that begins with a turn "\n\nHuman:" (or System, Assistant) and ends
 * with "\n\nAssistant:" is a dialogue (HH-RLHF), and so is an answer in it that holds further turns: then
 * `renderMessages` gives the text back, if each turn's text stands one space behind its heading. Any other prompt is
 * one message of the user.
 */
export function conversation(prompt: string, answer: string): { prompt: Message[]; answer: Message[] } {
  if (prompt.search(TURN) !== 0 || !prompt.endsWith(OPEN)) {
    return { prompt: [{ role: "user", content: prompt }], answer: [{ role: "assistant", content: answer }] };
  }
  return { prompt: turns(prompt.slice(0, -OPEN.length)), answer: turns(OPEN + answer) };
}

/** A dialogue that ends within an assistant's turn, as messages; undefined for every other text. */
export function openTurn(prompt: string): Message[] | undefined {
  if (prompt.search(TURN) !== 0 || prompt.endsWith(OPEN)) return undefined;
  const messages = turns(prompt);
  return messages.at(-1)?.role === "assistant" ? messages : undefined;
}

function turns(text: string): Message[] {
  const [, ...parts] = text.split(TURN);
  const messages: Message[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    messages.push({ role: ROLES[parts[i]], content: parts[i + 1].replace(/^ /, "") });
  }
  return messages;
}
