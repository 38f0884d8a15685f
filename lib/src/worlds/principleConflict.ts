import { complaint, DomainError } from "../core/index.js";
import { exactExpectation } from "../numerics/index.js";
import { type PhraseTask, phraseUtility } from "./phrases.js";

/**
 * Two rewards for the phrase task, each of mean 0 and variance 1 under the reference, whose correlation there is
 * `correlation`: the first is a reply's mood, the second a mixture of mood and of what topic adds to it (topic made
 * orthogonal to mood). -1 is open conflict, 0 independence of a kind, 1 two words for one thing.
 * @throws DomainError unless correlation is in [-1, 1] and prompt 0 or 1
 */
export function conflictingPrinciples(task: PhraseTask, correlation: number, prompt = 0): [Float64Array, Float64Array] {
  if (!(correlation >= -1 && correlation <= 1)) {
    throw new DomainError(complaint("correlation", "a number from -1 to 1", correlation));
  }
  const asked = task.prompts[prompt];
  if (asked === undefined) throw new DomainError(complaint("prompt", "0 or 1", prompt));
  const logRef = task.reference[prompt];
  const inner = (a: Float64Array, b: Float64Array) =>
    exactExpectation(
      logRef,
      a.map((value, y) => value * b[y]),
    );
  const standard = (values: Float64Array) => {
    const centre = exactExpectation(logRef, values);
    const centred = values.map((value) => value - centre);
    const deviation = Math.sqrt(inner(centred, centred));
    return centred.map((value) => value / deviation);
  };
  const parts = task.tree.sequences.map((reply) => phraseUtility(asked, reply));
  const mood = standard(Float64Array.from(parts, (part) => part.mood));
  const topic = standard(Float64Array.from(parts, (part) => part.topic));
  const overlap = inner(mood, topic);
  const rest = standard(topic.map((value, y) => value - overlap * mood[y]));
  const own = Math.sqrt(1 - correlation * correlation);
  return [mood, mood.map((value, y) => correlation * value + own * rest[y])];
}
