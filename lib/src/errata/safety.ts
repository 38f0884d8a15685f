import type { Erratum } from "./erratum.js";

const { max } = Math;

/** Probability that a fair walk from `start` comes to `top` before 0, by relaxation. */
export function reachesFirst(start: number, top: number): number {
  const p: number[] = Array.from({ length: top + 1 }, (_, s) => (s === top ? 1 : 0));
  for (let sweep = 0; sweep < 100 * top ** 2; sweep++) for (let s = 1; s < top; s++) p[s] = (p[s - 1] + p[s + 1]) / 2;
  return p[start];
}

// Constrained policy optimisation.
export const safetyErrata: readonly Erratum[] = [
  {
    name: "expectation-is-not-never",
    section: "constrained policy optimization",
    quote: "never violate critical safety properties",
    verdict: "wrong",
    said: "the hard constraint is a limit on the expected sum of costs",
    truth: "an expectation allows violations: only a limit of 0 on their probability forbids them",
    found: () => ({
      "P(a violation in 50 runs), 0.1 expected in each": 1 - 0.9 ** 50,
      "P(a violation in 100 steps), 1 % a step": 1 - 0.99 ** 100,
    }),
    lesson: "19",
  },
  {
    name: "lagrangian-of-an-excess",
    section: "constrained policy optimization",
    quote: "L = J(π) - λ(constraint_violation - α)",
    verdict: "wrong",
    said: "the Lagrangian subtracts lambda times the violation less the limit",
    truth:
      "times the expected cost less the limit, lambda >= 0; the violation is that excess, and has no limit left to subtract",
    found: () => {
      const [cost, alpha] = [0.05, 0.1];
      const violation = max(0, cost - alpha);
      return {
        "the text's term, cost within the limit": violation - alpha,
        "cost less the limit": cost - alpha,
        "the text's, cost twice as far within": max(0, 0 - alpha) - alpha,
      };
    },
    lesson: "19",
  },
  {
    name: "certificate-without-the-cost",
    section: "constrained policy optimization",
    quote: "E[L(s') - L(s) | s,a] ≤ 0 for safe actions",
    verdict: "incomplete",
    said: "a function that does not grow in expectation certifies the constraint",
    truth:
      "0 never grows and certifies nothing: the cost belongs in the condition, and the start below the limit (arXiv:1805.07708)",
    found: () => {
      // One state, cost 1 a step, discount 0.9: the discounted cost is 10.
      const [L, cost, gamma, limit] = [0, 1, 0.9, 1];
      const certified = (value: number) => cost + gamma * value <= value + 1e-12 && value <= limit;
      return {
        "growth of L = 0": L - L,
        "discounted cost": cost / (1 - gamma),
        "passes with its cost and its limit": certified(L) || certified(cost / (1 - gamma)) ? 1 : 0,
      };
    },
    lesson: "20",
  },
  {
    name: "supermartingale-of-the-unsafe",
    section: "constrained policy optimization",
    quote: "formal guarantee of constraint satisfaction",
    verdict: "incomplete",
    said: "such a function is a formal guarantee",
    truth: "it bounds the probability of ever reaching the unsafe set by L(s0) / c, if L is at least c there (Ville)",
    found: () => {
      // A fair walk from 1, absorbed at 0 and at 5: L(s) = s never grows in expectation, and is 5 on the unsafe state.
      return { "P(reach 5 from 1)": reachesFirst(1, 5), "L(s0) / c": 1 / 5 };
    },
    lesson: "20",
  },
  {
    name: "barrier-in-steps",
    section: "constrained policy optimization",
    quote: "ensure forward invariance of safe set",
    verdict: "incomplete",
    said: "a control barrier function keeps the safe set",
    truth: "in continuous time; held over a step dt, h' = -alpha h leaves it as soon as alpha dt > 1",
    found: () => {
      const [h, alphaDt] = [0.5, 2.5];
      return {
        "h before": h,
        "h after one held step": h * (1 - alphaDt),
        "h after it in continuous time": h * Math.exp(-alphaDt),
      };
    },
    lesson: "20",
  },
  {
    name: "expected-cost-constraint",
    section: "constrained policy optimization",
    quote: "E[∑_t C(s_t, a_t)] ≤ α",
    verdict: "right",
    said: "a constrained MDP limits the expected sum of costs",
    truth: "it does, of one policy from one start; the optimum may have to toss a coin (Altman 1999)",
    found: () => {
      // One choice: worth 1 at cost 1, or nothing; limit 0.4. The best single action, and the best mix.
      const limit = 0.4;
      return { "best action within the limit": 0, "best mix": limit * 1 };
    },
    lesson: "19",
  },
];
