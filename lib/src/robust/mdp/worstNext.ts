/**
 * What nature can do to one's hopes: given V, [states], the least E V(next) that it can bring about after each
 * state-action pair, for the pair's nominal distribution p, [states]. In two steps, so that what depends on V alone,
 * such as its order, is done once. Pairs are independent of each other: (s, a)-rectangular. A set of one's own is
 * `(value) => (p) => l1Worst(p, value, 0.1).value`; one that helps, `(value) => (p) => ` the greatest instead.
 */
export type WorstNext = (value: Float64Array) => (p: Float64Array, pair: number) => number;
