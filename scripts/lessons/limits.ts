// How long a lesson may take, in seconds. A cell that exceeds its limit is stopped; a lesson that does is mentioned.
interface Limits {
  readonly cell: number;
  readonly lesson: number;
}

// Cells that sweep rates over ten seeds take twenty seconds, and a busy machine several times as long.
const usual: Limits = { cell: 240, lesson: 120 };

/** Lessons that are worth a longer wait. */
const longer: Readonly<Record<string, Limits>> = {
  // The whole pipeline, and its last part anew for four seeds: under four minutes alone, up to five beside another.
  "05": { cell: 900, lesson: 300 },
};

export function limitsOf(lesson: string): Limits {
  return longer[lesson] ?? usual;
}
