import type { Erratum } from "./erratum.js";

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[(values.length - 1) / 2];

// Question 7: many agents.
export const agentErrata: readonly Erratum[] = [
  {
    name: "majorities-contradict-themselves",
    section: "question 7",
    quote: "majority voting, or optimization",
    verdict: "wrong",
    said: "agents can settle a constitution by majority",
    truth:
      "majorities on p, on q and on p-and-q can contradict each other, though every voter is consistent (List and Pettit 2002)",
    found: () => {
      const voters = [
        [1, 1],
        [1, 0],
        [0, 1],
      ];
      const majority = (says: (v: number[]) => number) => (mean(voters.map(says)) > 0.5 ? 1 : 0);
      return { p: majority((v) => v[0]), q: majority((v) => v[1]), "p and q": majority((v) => v[0] * v[1]) };
    },
    lesson: "21",
  },
  {
    name: "coordination-has-two-equilibria",
    section: "question 7",
    quote: "constitutional adherence as coordination game",
    verdict: "incomplete",
    said: "adherence is an equilibrium of a coordination game",
    truth: "so is its absence; which comes about depends on how many adhere to begin with",
    found: () => {
      // Adhering pays 4 with who adheres, 0 else; not adhering pays 3 with who adheres, 2 else.
      const [together, alone, free, neither] = [4, 0, 3, 2];
      const share = (neither - alone) / (together - alone - free + neither);
      return {
        "both adhering is an equilibrium": together >= free ? 1 : 0,
        "neither adhering is one": neither >= alone ? 1 : 0,
        "share of adherents from which adhering pays": share,
      };
    },
    lesson: "21",
  },
  {
    name: "one-liar-moves-a-mean",
    section: "question 7",
    quote: "robustness to adversarial agents",
    verdict: "incomplete",
    said: "shared principles are robust to adversarial agents",
    truth: "as far as their rule is: one liar moves a mean anywhere, a median to a neighbour's weight",
    found: () => {
      const weights = [0.01, 0.02, 0.05, 0.06, 1e6];
      return { mean: mean(weights), median: median(weights), "mean of the honest": mean(weights.slice(0, 4)) };
    },
    lesson: "21",
  },
];
