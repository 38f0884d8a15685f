/**
 * What a labeler said: to this prompt, `chosen` was preferred to `rejected`. Of texts (as files hold them)
 * or of token rows (as trainers read them): from `readComparisons` through `encodeComparisons` to every
 * trainer it is this one shape.
 */
export interface Comparison<T> {
  readonly prompt: T;
  readonly chosen: T;
  readonly rejected: T;
}
