import { greatest, indexOfGreatest } from "../numerics/greatest.js";
import { exactExpectation, exactRegularisedOptimum } from "../numerics/index.js";
import { phraseTask } from "../worlds/phrases.js";
import type { Erratum } from "./erratum.js";

const { abs, log, min } = Math;
const bottom = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => min(a, b));

// Value alignment, and question 4.
export const alignmentErrata: readonly Erratum[] = [
  {
    name: "cost-has-the-wrong-sign",
    section: "value alignment",
    quote: "E[U*(x,y_R) - U*(x,y*)]",
    verdict: "wrong",
    said: "the cost of misalignment is the utility reached less the best one",
    truth: "that is never positive; the regret is the best less what is reached",
    found: () => {
      const [utility, proxy] = [
        [4, 1, 0],
        [0, 5, 2],
      ];
      const reached = utility[indexOfGreatest(proxy)];
      return { "the text's cost": reached - greatest(utility), regret: greatest(utility) - reached };
    },
    lesson: "11",
  },
  {
    name: "difference-is-not-misalignment",
    section: "value alignment",
    quote: "R(x,y) ≠ V_human leads to unexpected behavior",
    verdict: "wrong",
    said: "a reward that differs from the values misleads",
    truth: "a reward 11 away may cost nothing: what counts is the order near the top, and the scale against beta",
    found: () => {
      const utility = [1, 2, 3];
      const reward = utility.map((u) => 3 * u + 5);
      return {
        "largest difference": greatest(reward.map((r, i) => abs(r - utility[i]))),
        regret: 3 - utility[indexOfGreatest(reward)],
      };
    },
    lesson: "15",
  },
  {
    name: "whose-law",
    section: "value alignment",
    quote: "When a measure becomes a target",
    verdict: "wrong",
    said: "Goodhart is quoted",
    truth:
      "the wording is Strathern's (1997); Goodhart's of 1975 speaks of statistical regularities under pressure for control",
    found: () => ({ "Goodhart's paper": 1975, "the wording, Strathern": 1997 }),
    lesson: "11",
  },
  {
    name: "hacking-forgets",
    section: "question 4",
    quote: "while minimizing R_true(x,y)",
    verdict: "wrong",
    said: "a hacking policy minimises the true reward",
    truth: "it forgets it: the reply with the highest score lies somewhere between the best and the worst",
    found: () => {
      const { utility, lexicon } = phraseTask();
      return {
        "utility of the best reply by the lexicon": utility[0][indexOfGreatest(lexicon)],
        "the best utility": greatest(utility[0]),
        "the worst": bottom(utility[0]),
      };
    },
    lesson: "11",
  },
  {
    name: "hacking-set-has-no-zero",
    section: "question 4",
    quote: "S = {(x,y) : R_learned(x,y) ≫ R_true(x,y)}",
    verdict: "wrong",
    said: "hacking is generating what the learned reward overrates",
    truth: "rewards have no common zero: with 100 added, everything is overrated and nothing is lost",
    found: () => {
      const { reference, utility } = phraseTask();
      const learned = utility[0].map((u) => u + 100);
      const overrated = learned.map((r, y) => (r - utility[0][y] > 50 ? 1 : 0));
      const { logProbs } = exactRegularisedOptimum(reference[0], learned, 0.5);
      return {
        "probability of the set under the policy": exactExpectation(logProbs, overrated),
        regret: greatest(utility[0]) - utility[0][indexOfGreatest(learned)],
      };
    },
    lesson: "11",
  },
  {
    name: "kl-bounds-the-shift",
    section: "question 4",
    quote: "KL regularization to prevent distribution shift",
    verdict: "incomplete",
    said: "a KL penalty prevents the shift of the distribution",
    truth: "it bounds it, not the damage: where errors have heavy tails a little KL buys any reward and no utility",
    found: () => {
      // A million replies; error of the proxy Pareto with index 2; 1 % of the probability moves to the top one.
      const [n, moved] = [1e6, 0.01];
      const topError = Math.sqrt(n); // the quantile 1 - 1/n of P(E > e) = e^-2
      const [from, to] = [1 / n, moved + (1 - moved) / n];
      const kl = to * log(to / from) + (1 - to) * log((1 - to) / (1 - from));
      return { "reward gained, all of it error": moved * topError, "KL, nats": kl };
    },
    lesson: "11",
  },
  {
    name: "teaching-is-not-demonstrating",
    section: "value alignment",
    quote: "jointly learn reward and policy",
    verdict: "incomplete",
    said: "in cooperative inverse reinforcement learning reward and policy are learned together",
    truth:
      "it is a game with one payoff: who knows the reward does best to act so that the other one learns it (arXiv:1606.03137)",
    found: () => {
      // A person likes paperclips with weight t, staples with 1 - t, t in [0, 1]; makes (2, 0), (1, 1) or (0, 2) items;
      // then the robot makes 90 of one or 50 of each by what it has seen. Mean over t.
      const grid = Array.from({ length: 9201 }, (_, i) => i / 9200);
      const worth = (made: number[], t: number) => made[0] * t + made[1] * (1 - t);
      const robot = [
        [90, 0],
        [50, 50],
        [0, 90],
      ];
      const own = [
        [2, 0],
        [1, 1],
        [0, 2],
      ];
      const mean = (choose: (t: number) => number) =>
        grid.reduce((sum, t) => sum + worth(own[choose(t)], t) + worth(robot[choose(t)], t), 0) / grid.length;
      return {
        "a demonstrator, who does what is best at once": mean((t) => (t > 0.5 ? 0 : 2)),
        "a teacher, who says middle where the middle is best": mean((t) => (t > 51 / 92 ? 0 : t < 41 / 92 ? 2 : 1)),
      };
    },
    lesson: "15",
  },
];
