const PARITY = 0x1bd11bda;
const GROUPS = 5;

/**
 * One block of Threefry-2x32 with 20 rounds: two words of counter in, two words of noise out, under a key of two words.
 * A bijection of the counter for every key; nothing is stored between calls, which is what makes runs repeatable.
 * Writes the two unsigned words to `out[at]` and `out[at + 1]`.
 * Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  count0: number,
  count1: number,
  out: Uint32Array,
  at = 0,
): Uint32Array {
  // The schedule: after every four rounds (add, rotate, xor) the next two of three key words are
  // added, and the group's number.
  let a = key0 | 0;
  let b = key1 | 0;
  let c = PARITY ^ key0 ^ key1;
  let x = (count0 + a) | 0;
  let y = (count1 + b) | 0;
  for (let group = 1; group <= GROUPS; group++) {
    if ((group & 1) === 1) {
      x = (x + y) | 0;
      y = ((y << 13) | (y >>> 19)) ^ x;
      x = (x + y) | 0;
      y = ((y << 15) | (y >>> 17)) ^ x;
      x = (x + y) | 0;
      y = ((y << 26) | (y >>> 6)) ^ x;
      x = (x + y) | 0;
      y = ((y << 6) | (y >>> 26)) ^ x;
    } else {
      x = (x + y) | 0;
      y = ((y << 17) | (y >>> 15)) ^ x;
      x = (x + y) | 0;
      y = ((y << 29) | (y >>> 3)) ^ x;
      x = (x + y) | 0;
      y = ((y << 16) | (y >>> 16)) ^ x;
      x = (x + y) | 0;
      y = ((y << 24) | (y >>> 8)) ^ x;
    }
    const first = a;
    a = b;
    b = c;
    c = first;
    x = (x + a) | 0;
    y = (y + b + group) | 0;
  }
  out[at] = x;
  out[at + 1] = y;
  return out;
}
