// How long a lesson may take, in seconds. A cell that exceeds its limit is stopped; a lesson that does is mentioned.
interface Limits {
  readonly cell: number;
  readonly lesson: number;
  /** Whether of the learner's notebook only the cells that differ from the solved one are run (learnersCells.ts). */
  readonly learnersCellsOnly?: boolean;
}

const usual: Limits = { cell: 60, lesson: 120 };

/** Lessons that are worth a longer wait. */
const longer: Readonly<Record<string, Limits>> = {
  // Four networks for each of six draws of the data, in one cell.
  "02": { cell: 240, lesson: 120 },
  // The whole pipeline, and its last part anew for five seeds.
  "05": { cell: 900, lesson: 300, learnersCellsOnly: true },
  // Rates swept for each method, over ten seeds; a busy machine takes several times as long for such a cell.
  "07": { cell: 240, lesson: 120 },
  "08": { cell: 240, lesson: 120 },
  "09": { cell: 240, lesson: 120 },
  "10": { cell: 240, lesson: 120 },
};

export function limitsOf(lesson: string): Limits {
  return longer[lesson] ?? usual;
}
