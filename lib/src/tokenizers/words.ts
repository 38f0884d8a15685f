/**
 * The words of a text in lower case, apostrophes kept: "The whale's." -> ["the", "whale's"].
 * @example wordsOf("The whale's tail!") // ["the", "whale's", "tail"]
 */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+(?:['’][a-z]+)*/g) ?? [];
}

/**
 * The sentences of a prose text: cut after . ! or ? (and closing quotes) before a capital letter or a quotation mark.
 * @example sentencesOf("Call me Ishmael. Some years ago.") // ["Call me Ishmael.", "Some years ago."]
 */
export function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, " ")
    .split(/(?<=[.!?]["”’]?) (?=["“‘]?[A-Z])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
