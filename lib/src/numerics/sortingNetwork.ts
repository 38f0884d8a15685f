/** Places of a list whose values are put in order: the lesser one to the first. */
export type Exchange = readonly [low: number, high: number];

/**
 * Batcher's odd-even merge sort of n values: exchanges that sort them whatever they are, one after the other
 * (Batcher 1968; Knuth 1998, section 5.2.2, algorithm M). About n (log2 n)^2 / 4 of them. Where places `apart` from
 * each other, a power of two, are in order already, only what is left to do.
 */
export function sortingNetwork(n: number, apart = Number.POSITIVE_INFINITY): Exchange[] {
  const out: Exchange[] = [];
  const top = 2 ** Math.max(0, Math.ceil(Math.log2(n)) - 1);
  for (let p = Math.min(top, apart / 2); p >= 1; p /= 2) {
    for (let q = top, r = 0, d = p; ; d = q - p, q /= 2, r = p) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) out.push([i, i + d]);
      if (q === p) break;
    }
  }
  return out;
}

/**
 * What is left of a network when only these parts of the order matter, each as a set: the parts begin at 0 and at
 * `starts`. An exchange within a part after which neither place is touched again changes nothing.
 */
export function partingNetwork(network: readonly Exchange[], starts: readonly number[]): Exchange[] {
  const part = (place: number) => starts.filter((start) => place >= start).length;
  const touched = new Set<number>();
  const kept = network.toReversed().filter(([low, high]) => {
    if (!touched.has(low) && !touched.has(high) && part(low) === part(high)) return false;
    touched.add(low).add(high);
    return true;
  });
  return kept.reverse();
}
