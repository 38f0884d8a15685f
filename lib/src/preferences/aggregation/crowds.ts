import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Key, split, uniform } from "../../random/index.js";
import { type Annotations, annotationsFromColumns } from "./annotations.js";
import { type Judge, type Labeler, type SimulatedAnnotations, simulateAnnotations } from "./simulate.js";

/** A crowd that we made: what it said, the truth, and how each person answers. */
export interface SimulatedCrowd extends SimulatedAnnotations {
  readonly labelers: readonly Labeler[];
}

/**
 * Yes-or-no questions, each answered by half of the people. The honest are right with probabilities drawn from 0.6 to
 * 0.9; the first `share` of people are spammers: every other one tosses a coin, the rest always say yes (or, with
 * `spam` "coins", toss coins too).
 * @throws DomainError for a share outside [0, 1]
 */
export function spammedCrowd(
  key: Key,
  share: number,
  options: { people?: number; questions?: number; spam?: "yes and coins" | "coins" } = {},
): SimulatedCrowd {
  const { people = 20, questions = 150, spam = "yes and coins" } = options;
  checkShare("share", share);
  const [skill, world] = split(key);
  const labelers = Array.from(uniform(skill, people, 0.6, 0.9), (accuracy, w): Labeler => {
    if (w >= Math.round(share * people)) return accuracy;
    return spam === "coins" || w % 2 === 1 ? 0.5 : { always: 1 };
  });
  return { labelers, ...simulateAnnotations(world, labelers, questions, { share: 0.5 }) };
}

/**
 * The same answers, and `copies` more people, the last ones, who hand in the answers of `labeler` as their own.
 * @throws DomainError for an unknown labeler, or copies that are not a whole number of at least 0
 */
export function withCopies(data: Annotations, labeler: number, copies: number): Annotations {
  if (!(Number.isInteger(labeler) && labeler >= 0 && labeler < data.labelers)) {
    throw new DomainError(complaint("labeler", `a labeler from 0 to ${data.labelers - 1}`, labeler));
  }
  checkCount("copies", copies, 0);
  const columns = { task: Array.from(data.task), labeler: Array.from(data.labeler), label: Array.from(data.label) };
  for (let c = 0; c < copies; c++) {
    for (let k = 0; k < data.task.length; k++) {
      if (data.labeler[k] !== labeler) continue;
      columns.task.push(data.task[k]);
      columns.labeler.push(data.labelers + c);
      columns.label.push(data.label[k]);
    }
  }
  const { tasks, labelers, classes } = data;
  return annotationsFromColumns(columns.task, columns.labeler, columns.label, {
    ...{ tasks, classes },
    labelers: labelers + copies,
  });
}

/**
 * Judges of whom the first `share` are bad: of three one answers backwards nine times in ten, two
 * guess. The others are honest.
 * @throws DomainError for a share outside [0, 1]
 */
export function mixedJudges(count: number, share: number): Judge[] {
  checkShare("share", share);
  return Array.from({ length: count }, (_, w) => {
    if (w >= Math.round(share * count)) return {};
    return w % 3 === 0 ? { flip: 0.9 } : { sharpness: 0 };
  });
}

/**
 * People who tire: each answers about `share` of the tasks in one sitting of `parts` equal parts, and is right with a
 * probability that falls from `fresh` in the first part to `tired` in the last. Labeler w * parts + q is person w in
 * part q; `personsOf` puts the parts together. (Each part is drawn by itself, so a person may meet a task twice.)
 * @throws DomainError for fewer than two parts, or a probability outside [0, 1]
 */
export function tiringCrowd(
  key: Key,
  options: { people?: number; tasks?: number; parts?: number; share?: number; fresh?: number; tired?: number } = {},
): SimulatedCrowd {
  const { people = 12, tasks = 300, parts = 4, share = 0.6, fresh = 0.95, tired = 0.5 } = options;
  checkCount("parts", parts, 2);
  const labelers = Array.from({ length: people * parts }, (_, w) => {
    return fresh + ((tired - fresh) * (w % parts)) / (parts - 1);
  });
  return { labelers, ...simulateAnnotations(key, labelers, tasks, { share: share / parts }) };
}

/**
 * The same answers with every `parts` labelers in a row taken for one person: what is seen where nobody notes the hour.
 * @throws DomainError unless parts divides the number of labelers
 */
export function personsOf(data: Annotations, parts: number): Annotations {
  if (!(Number.isInteger(parts) && parts >= 1 && data.labelers % parts === 0)) {
    throw new DomainError(complaint("parts", `a divisor of the ${data.labelers} labelers`, parts));
  }
  const { tasks, classes, task, label } = data;
  const persons = data.labeler.map((w) => Math.floor(w / parts));
  return annotationsFromColumns(task, persons, label, { tasks, classes, labelers: data.labelers / parts });
}
