// The five parts of the course: each has a cheat sheet of its own.
export interface Part {
  number: number;
  title: string;
  /** Number of its first lesson; it ends where the next part begins. */
  from: string;
}

export const parts: readonly Part[] = [
  { number: 1, title: "Preferences and rewards", from: "01" },
  { number: 2, title: "From reward to behaviour", from: "05" },
  { number: 3, title: "When the measure becomes the target", from: "11" },
  { number: 4, title: "Alignment and safety", from: "15" },
  { number: 5, title: "The whole", from: "21" },
];

export const partOf = (lesson: string): Part => parts.findLast(({ from }) => from <= lesson) ?? parts[0];
