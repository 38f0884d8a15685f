type Memory = { made: Map<string, unknown>; next: WeakMap<object, Memory> };

const root: Memory = { made: new Map(), next: new WeakMap() };

/**
 * The same object again for the same owners and name: what `make` returned the first time. `capture` finds a graph by
 * the function it was made from, so a trainer that is run again with the same model, algorithm and optimiser must hand
 * it the same function. Nothing is kept longer than the owners live.
 */
export function memoize<T>(owners: readonly object[], name: string, make: () => T): T {
  let memory = root;
  for (const owner of owners) {
    const next = memory.next.get(owner) ?? { made: new Map(), next: new WeakMap() };
    memory.next.set(owner, next);
    memory = next;
  }
  if (!memory.made.has(name)) memory.made.set(name, make());
  return memory.made.get(name) as T;
}
