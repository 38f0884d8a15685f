import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { complaint, DomainError } from "../core/index.js";
import { spelledChunk } from "../tokenizers/bytePair.js";
import { BytePairTokenizer, CharacterTokenizer, type Tokenizer, type TokenizerJSON } from "../tokenizers/index.js";

const CHAT_TEMPLATE = [
  "{%- for message in messages %}",
  "{%- set role = message['role'] %}",
  "{{- '\\n\\n' + ('Human' if role == 'user' else role[:1] | upper + role[1:]) + ': ' + message['content'] }}",
  "{%- if loop.last and role == 'assistant' %}{{- eos_token }}{%- endif %}",
  "{%- endfor %}",
  "{%- if add_generation_prompt %}{{- '\\n\\nAssistant:' }}{%- endif %}",
].join("");

/**
 * Writes a tokenizer beside a GPT-2 so that `AutoTokenizer.from_pretrained(folder)` gives the same ids:
 * tokenizer.json (the format of Hugging Face's tokenizers) and tokenizer_config.json. One habit differs there: a
 * special token's name in a text is read as the token, unless asked not to (split_special_tokens=True). A chat
 * template goes with it that writes messages as `renderMessages` does, "\n\nHuman: ...\n\nAssistant: ...", and the
 * end token after the assistant's last word.
 * @throws DomainError for what that format cannot say: a character tokenizer with `unknown: "bytes"`, two tokens that
 *   are written alike (a special token "a" beside the letter), half a surrogate pair as a character
 */
export function saveGpt2Tokenizer(folder: string, tokenizer: Tokenizer, { context }: { context: number }): void {
  const json = tokenizer.toJSON();
  const { special } = json;
  const added = [...new Set([special.pad, special.bos, special.eos])].map((content, id) => {
    return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  });
  const common = { version: "1.0", truncation: null, padding: null, added_tokens: added, normalizer: null };
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  write("tokenizer.json", { ...common, post_processor: null, ...describe(tokenizer, json) });
  write("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: special.pad,
    bos_token: special.bos,
    eos_token: special.eos,
    model_max_length: context,
    clean_up_tokenization_spaces: false,
    chat_template: CHAT_TEMPLATE,
  });
}

function describe(tokenizer: Tokenizer, json: TokenizerJSON): Record<string, unknown> {
  if (tokenizer instanceof BytePairTokenizer) return describeBytePairs(tokenizer);
  if (!(tokenizer instanceof CharacterTokenizer) || (json.type === "character" && json.unknown === "bytes")) {
    throw new DomainError(complaint("tokenizer", "byte pairs, or characters with unknown: throw", json));
  }
  const vocab = vocabulary(Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.token(id)));
  return {
    pre_tokenizer: { type: "Split", pattern: { Regex: "[\\s\\S]" }, behavior: "Isolated", invert: false },
    decoder: { type: "Fuse" },
    // No such token is in the vocabulary, so an unknown character is an error there as it is here.
    model: { type: "WordLevel", vocab, unk_token: "<unknown>" },
  };
}

function describeBytePairs(tokenizer: BytePairTokenizer): Record<string, unknown> {
  const specials = tokenizer.vocabularySize - 256 - tokenizer.merges.length;
  const names = Array.from({ length: specials }, (_, id) => tokenizer.token(id));
  for (let byte = 0; byte < 256; byte++) names.push(byteSign(byte));
  for (const [left, right] of tokenizer.merges) names.push(names[left] + names[right]);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: spelledChunk() }, behavior: "Isolated", invert: false },
        byteLevel,
      ],
    },
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary(names),
      merges: tokenizer.merges.map(([left, right]) => [names[left], names[right]]),
    },
  };
}

/** Token -> id. */
function vocabulary(names: readonly string[]): Record<string, number> {
  const ids = new Map<string, number>();
  names.forEach((name, id) => {
    const what = `token ${id}`;
    if (name === "") throw new DomainError(complaint(what, "a text that is not empty", name));
    if (/\p{Surrogate}/u.test(name))
      throw new DomainError(complaint(what, "whole characters, no half of a pair", name));
    if (ids.has(name)) throw new DomainError(complaint(what, `another name than token ${ids.get(name)}'s`, name));
    ids.set(name, id);
  });
  return Object.fromEntries(ids);
}

/**
 * GPT-2's printable sign for a byte: itself where Latin-1 prints one, else the next unused character from U+0100 on.
 */
function byteSign(byte: number): string {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  if (printable(byte)) return String.fromCharCode(byte);
  let before = 0;
  for (let b = 0; b < byte; b++) if (!printable(b)) before++;
  return String.fromCharCode(256 + before);
}
