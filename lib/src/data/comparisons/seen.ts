import { createHash } from "node:crypto";
import type { TextComparison } from "./layouts.js";

/**
 * Remembers which comparisons were seen, in 9 bytes each (twice that while the table grows): by 64 bits of SHA-1 of
 * prompt and the two answers in either order, so that a million pairs are confused with probability 3e-8.
 */
export class SeenComparisons {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  /** Bit 0: seen with the answer that sorts first chosen; bit 1: with the other chosen. 0: free. */
  #ways = new Uint8Array(1024);
  #count = 0;

  /** Adds a comparison; says whether the same was seen before, and whether the same with the answers swapped was. */
  add({ prompt, chosen, rejected }: TextComparison): { duplicate: boolean; contradiction: boolean } {
    const inOrder = chosen <= rejected;
    const [first, second] = inOrder ? [chosen, rejected] : [rejected, chosen];
    const hash = createHash("sha1")
      .update(`${prompt.length} ${first.length} `)
      .update(prompt)
      .update(first)
      .update(second);
    const digest = hash.digest();
    const place = this.#find(digest.readUInt32LE(0), digest.readUInt32LE(4));
    const way = inOrder ? 1 : 2;
    const before = this.#ways[place];
    this.#ways[place] |= way;
    if (before === 0 && ++this.#count * 2 > this.#ways.length) this.#grow();
    return { duplicate: (before & way) !== 0, contradiction: (before & (3 - way)) !== 0 };
  }

  #find(high: number, low: number): number {
    const mask = this.#ways.length - 1;
    let place = low & mask;
    while (this.#ways[place] !== 0 && (this.#high[place] !== high || this.#low[place] !== low))
      place = (place + 1) & mask;
    this.#high[place] = high;
    this.#low[place] = low;
    return place;
  }

  #grow(): void {
    const [high, low, ways] = [this.#high, this.#low, this.#ways];
    this.#high = new Uint32Array(2 * ways.length);
    this.#low = new Uint32Array(2 * ways.length);
    this.#ways = new Uint8Array(2 * ways.length);
    for (let k = 0; k < ways.length; k++) if (ways[k] !== 0) this.#ways[this.#find(high[k], low[k])] = ways[k];
  }
}
