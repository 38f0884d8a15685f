import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { sigmoid } from "../../numerics/index.js";
import { foldIn, type Key, randint, split, uniform } from "../../random/index.js";
import { type Annotations, annotationsFromColumns } from "./annotations.js";
import { type Judgements, judgementsFromColumns } from "./judgements.js";

/**
 * How a person answers: a number is the probability of being right, all errors alike; `{ always: c }` says c whatever
 * the truth; a table [classes, classes] gives in row t the probabilities of each answer where the truth is t.
 */
export type Labeler = number | { always: number } | ReadonlyArray<ArrayLike<number>>;

/** Annotations of a world that we made, with its truth. */
export interface SimulatedAnnotations {
  readonly data: Annotations;
  /** [tasks] the true classes. */
  readonly truth: Int32Array;
}

/**
 * Tasks with known truths, uniform over the classes, answered by people of whom we know how they answer, independently.
 * Each person answers each task with probability `share` (default 1).
 * @throws DomainError for a probability outside [0, 1] or an unknown class; ShapeError for a table of another size
 */
export function simulateAnnotations(
  key: Key,
  labelers: readonly Labeler[],
  tasks: number,
  options: { classes?: number; share?: number } = {},
): SimulatedAnnotations {
  const { classes = 2, share = 1 } = options;
  checkShare("share", share);
  checkCount("classes", classes, 2);
  const tables = labelers.map((labeler, w) => answerTable(labeler, classes, w));
  const [truthKey, answerKey] = split(key);
  const truth = randint(truthKey, tasks, 0, classes);
  const columns: [number[], number[], number[]] = [[], [], []];
  for (let w = 0; w < labelers.length; w++) {
    const draws = uniform(foldIn(answerKey, w), 2 * tasks);
    for (let i = 0; i < tasks; i++) {
      if (draws[2 * i] >= share) continue;
      const row = tables[w][truth[i]];
      let label = 0;
      for (let left = draws[2 * i + 1] - row[0]; left >= 0 && label < classes - 1; left -= row[label]) label++;
      columns[0].push(i);
      columns[1].push(w);
      columns[2].push(label);
    }
  }
  return { data: annotationsFromColumns(...columns, { tasks, labelers: labelers.length, classes }), truth };
}

function answerTable(labeler: Labeler, classes: number, w: number): ArrayLike<number>[] {
  const rows = (f: (t: number, c: number) => number) =>
    Array.from({ length: classes }, (_, t) => Array.from({ length: classes }, (_, c) => f(t, c)));
  if (typeof labeler === "number") {
    if (!(labeler >= 0 && labeler <= 1)) {
      throw new DomainError(complaint(`labelers[${w}]`, "a probability of being right, from 0 to 1", labeler));
    }
    return rows((t, c) => (t === c ? labeler : (1 - labeler) / (classes - 1)));
  }
  if ("always" in labeler) {
    const { always } = labeler;
    if (!(Number.isInteger(always) && always >= 0 && always < classes)) {
      throw new DomainError(complaint(`labelers[${w}].always`, `a class from 0 to ${classes - 1}`, always));
    }
    return rows((_, c) => Number(c === always));
  }
  if (labeler.length !== classes || labeler.some((row) => row.length !== classes)) {
    throw new ShapeError(complaint(`labelers[${w}]`, `a table of ${classes} rows and ${classes} columns`, labeler));
  }
  labeler.forEach((row, t) => {
    const sum = Array.from(row).reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) < 1e-9) || Array.from(row).some((p) => !(p >= 0))) {
      throw new DomainError(complaint(`labelers[${w}][${t}]`, "probabilities that add up to 1", row));
    }
  });
  return [...labeler];
}

/**
 * How a labeler compares: at which sharpness alpha (default 1), and how often they then report
 * the opposite (default 0).
 */
export interface Judge {
  sharpness?: number;
  flip?: number;
}

/**
 * `each` random pairs of items for every judge: the first of the pair is preferred with probability
 * sigmoid(alpha (theta_i - theta_j)), and the answer is then reversed with probability `flip`. Remembers
 * which item was shown first.
 * @throws DomainError for fewer than two items, or a flip outside [0, 1]
 */
export function simulateJudgements(
  key: Key,
  theta: ArrayLike<number>,
  judges: readonly Judge[],
  each: number,
): Judgements {
  const items = theta.length;
  if (items < 2) throw new DomainError(complaint("theta", "at least two abilities", theta));
  const columns: number[][] = [[], [], [], []];
  judges.forEach(({ sharpness = 1, flip = 0 }, w) => {
    if (!(flip >= 0 && flip <= 1)) throw new DomainError(complaint(`judges[${w}].flip`, "a probability", flip));
    const [a, b, c] = split(foldIn(key, w), 3);
    const first = randint(a, each, 0, items);
    const step = randint(b, each, 1, items);
    const draws = uniform(c, 2 * each);
    for (let k = 0; k < each; k++) {
      const [i, j] = [first[k], (first[k] + step[k]) % items];
      const meant = draws[2 * k] < sigmoid(sharpness * (theta[i] - theta[j]));
      const said = draws[2 * k + 1] < flip ? !meant : meant;
      columns[0].push(w);
      columns[1].push(said ? i : j);
      columns[2].push(said ? j : i);
      columns[3].push(Number(said));
    }
  });
  return judgementsFromColumns(columns[0], columns[1], columns[2], {
    items,
    labelers: judges.length,
    winnerFirst: columns[3],
  });
}
