// The data of the bench, drawn from fixed keys, and the files through which a peer gets the same.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, normal, sigmoid, split, uniform } from "rlhf-lab";
import {
  type Annotations,
  annotationsFromColumns,
  type Comparisons,
  comparisonsFromColumns,
  type Judgements,
  judgementsFromColumns,
  plackettLuce,
  type Rankings,
} from "rlhf-lab/preferences";
import { randint } from "rlhf-lab/random";

/** Abilities from Normal(0, 1); pairs drawn uniformly. */
export function comparisons(items: number, rows: number): Comparisons {
  const [abilities, pairs, offsets, answers] = split(key(1), 4);
  const theta = normal(abilities, items);
  const first = randint(pairs, rows, 0, items);
  const gap = randint(offsets, rows, 1, items);
  const u = uniform(answers, rows);
  const winner = new Int32Array(rows);
  const loser = new Int32Array(rows);
  for (let k = 0; k < rows; k++) {
    const [i, j] = [first[k], (first[k] + gap[k]) % items];
    const won = u[k] < sigmoid(theta[i] - theta[j]);
    winner[k] = won ? i : j;
    loser[k] = won ? j : i;
  }
  return comparisonsFromColumns(winner, loser, { items });
}

export function rankings(items: number, count: number, length: number): Rankings {
  const [abilities, orders] = split(key(2));
  return plackettLuce.simulate(orders, normal(abilities, items), count, { length });
}

/** Labelers who are right with probability 0.4 to 0.9, and otherwise give any class alike. */
export function annotations(tasks: number, labelers: number, classes: number, each: number): Annotations {
  const [truths, accuracies, who, right, wrong] = split(key(3), 5);
  const truth = randint(truths, tasks, 0, classes);
  const accuracy = uniform(accuracies, labelers, 0.4, 0.9);
  const rows = tasks * each;
  const labeler = randint(who, rows, 0, labelers);
  const u = uniform(right, rows);
  const other = randint(wrong, rows, 0, classes);
  const task = Int32Array.from({ length: rows }, (_, k) => Math.floor(k / each));
  const label = task.map((t, k) => (u[k] < accuracy[labeler[k]] ? truth[t] : other[k]));
  return annotationsFromColumns(task, labeler, label, { tasks, labelers, classes });
}

/** Labelers who look with probability 0.5 to 1, and otherwise take the left item more often than not. */
export function judgements(items: number, labelers: number, rows: number): Judgements {
  const [abilities, skills, who, pairs, offsets, looks, answers] = split(key(4), 7);
  const theta = normal(abilities, items);
  const skill = uniform(skills, labelers, 0.5, 1);
  const labeler = randint(who, rows, 0, labelers);
  const left = randint(pairs, rows, 0, items);
  const gap = randint(offsets, rows, 1, items);
  const [look, u] = [uniform(looks, rows), uniform(answers, rows)];
  const winner = new Int32Array(rows);
  const loser = new Int32Array(rows);
  const winnerFirst = new Uint8Array(rows);
  for (let k = 0; k < rows; k++) {
    const [i, j] = [left[k], (left[k] + gap[k]) % items];
    const leftWon = u[k] < (look[k] < skill[labeler[k]] ? sigmoid(theta[i] - theta[j]) : 0.7);
    winner[k] = leftWon ? i : j;
    loser[k] = leftWon ? j : i;
    winnerFirst[k] = leftWon ? 1 : 0;
  }
  return judgementsFromColumns(labeler, winner, loser, { items, labelers, winnerFirst });
}

/** A folder for files of 32-bit integers; `remove` it in the end. */
export function handover() {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-bench-"));
  return {
    write(name: string, ...columns: Int32Array[]): string {
      const path = join(folder, name);
      writeFileSync(
        path,
        Buffer.concat(columns.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength))),
      );
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
