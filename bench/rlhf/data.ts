// The folder through which the peer gets our model, tokenizer and data: a Hugging Face folder and TRL's JSONL files.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foldIn, key } from "rlhf-lab";
import { saveGpt2, saveGpt2Tokenizer, transformer } from "rlhf-lab/models";
import { randint } from "rlhf-lab/random";
import { CharacterTokenizer } from "rlhf-lab/tokenizers";

export const SHAPE = { rows: 32, group: 8, prompt: 8, completion: 16, length: 32 };

/** 58 characters and two special tokens. */
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,.!?'";
export const tokenizer = new CharacterTokenizer(ALPHABET);
export const model = transformer({ vocabulary: tokenizer.vocabularySize, context: 64, width: 64, layers: 2, heads: 4 });

/** `count` texts of `length` characters drawn uniformly. */
export function texts(seed: number, count: number, length: number): string[] {
  const letters = randint(foldIn(key(7), seed), count * length, 0, ALPHABET.length);
  return Array.from({ length: count }, (_, i) =>
    Array.from(letters.subarray(i * length, (i + 1) * length), (letter) => ALPHABET[letter]).join(""),
  );
}

/** The reward of both sides: the share of vowels in what was written. */
export function vowels(text: string): number {
  let count = 0;
  for (const letter of text) if ("aeiou".includes(letter)) count++;
  return count / Math.max(1, text.length);
}

export const prompts = (count: number) => texts(0, count, SHAPE.prompt);

/** Rows of prompt and answer that make `length` tokens, the end token included. */
export function answers(seed: number, count: number): string[] {
  return texts(seed, count, SHAPE.length - SHAPE.prompt - 1);
}

export function handover() {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-bench-"));
  const count = 8192;
  saveGpt2(folder, model.config, model.init(key(0)), tokenizer.special);
  saveGpt2Tokenizer(folder, tokenizer, model.config);
  const asked = prompts(count);
  const write = (name: string, row: (i: number) => object) =>
    writeFileSync(join(folder, `${name}.jsonl`), asked.map((_, i) => `${JSON.stringify(row(i))}\n`).join(""));
  const [good, bad] = [answers(1, count), answers(2, count)];
  write("rloo", (i) => ({ prompt: asked[i] }));
  write("grpo", (i) => ({ prompt: asked[i] }));
  write("dpo", (i) => ({ prompt: asked[i], chosen: good[i], rejected: bad[i] }));
  write("sft", (i) => ({ prompt: asked[i], completion: good[i] }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
