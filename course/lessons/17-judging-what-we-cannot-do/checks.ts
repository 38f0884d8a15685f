import { ringWithChords, shortestWays } from "rlhf-lab/alignment";
import { type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

type Talk = number | Talk[];
type Choice = (values: number[]) => number;

function playTalk(talk: Talk, own: Choice, other: Choice): number {
  return typeof talk === "number" ? talk : own(talk.map((next) => playTalk(next, other, own)));
}

function talkAnswers(talk: Talk) {
  const average: Choice = (values) => total(values) / values.length;
  return {
    right: playTalk(talk, most, least),
    "everyone-high": playTalk(talk, most, most),
    "everyone-low": playTalk(talk, least, least),
    "wrong-first": playTalk(talk, least, most),
    "judge-early": playTalk(talk, most, average),
  };
}

export const debateValueExercise = exercise({
  id: "17/debate-value",
  title: "Who says what",
  difficulty: 2,
  minutes: 10,
  gives: ["debateWorth"],
  watches: {
    "everyone-high": "Both debaters want the verdict high here. Debater 1 wants it low: take the minimum at its turns.",
    "everyone-low": "Both debaters want the verdict low here. Debater 0 wants it high: take the maximum at its turns.",
    "wrong-first": "The turns are swapped: debater 0 speaks first, and wants the verdict high.",
    "judge-early":
      "Debater 1's turn is taken as a mean over its statements. It does not speak at random: it says what is worst for debater 0.",
  },
  parts: [
    {
      name: "two statements, then two answers to each",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const talk = [
          [0.1, 0.8],
          [0.3, 0.5, 0.9],
        ];
        t.mistakes(
          await given.debateWorth(copy(talk)),
          talkAnswers(talk),
          1e-12,
          "the value of [[0.1, 0.8], [0.3, 0.5, 0.9]]",
        );
      },
    },
    {
      name: "ends at different depths",
      points: 1,
      async run(given, t) {
        const u = list(uniform(t.key, 8));
        const talk: Talk = [u[0], [u[1], [u[2], u[3]]], [[u[4], [u[5], u[6]]], u[7]]];
        t.mistakes(
          await given.debateWorth(structuredClone(talk)),
          talkAnswers(talk),
          1e-12,
          "the value of a debate that ends after one to four statements",
        );
        t.near(await given.debateWorth(0.3), 0.3, 1e-12, "the value of a debate without statements");
      },
    },
  ],
});

function oddsAnswers(ratios: readonly number[], prior: number, k: number) {
  const down = [...ratios].sort((a, b) => b - a);
  const high = total(down.slice(0, k / 2));
  const bySize = [...ratios].sort((a, b) => Math.abs(b) - Math.abs(a));
  const up = [...down].reverse();
  return {
    right: prior + high + total(up.slice(0, k / 2)),
    "no-prior": high + total(up.slice(0, k / 2)),
    "by-size": prior + total(bySize.slice(0, k)),
    "both-honest": prior + total(down.slice(0, k)),
    "k-each": prior + total(down.slice(0, k)) + total(up.slice(0, k)),
    probabilities:
      Math.exp(prior) + total(down.slice(0, k / 2).map(Math.exp)) + total(up.slice(0, k / 2).map(Math.exp)),
  };
}

export const pixelDebateExercise = exercise({
  id: "17/pixel-debate",
  title: "A debate by sorting",
  difficulty: 2,
  minutes: 12,
  gives: ["oddsAfter"],
  watches: {
    "no-prior": "The prior is missing: the judge begins with its log-odds and adds to them.",
    "by-size":
      "The pixels were chosen by size, whichever way they speak. The honest debater takes the greatest, the liar the least (the most negative).",
    "both-honest": "Both debaters show the greatest. The liar shows the least.",
    "k-each": "k pixels are shown in all, so each debater shows k / 2.",
    probabilities: "The numbers are log-odds already, and add up: no exponential.",
  },
  parts: [
    {
      name: "four pixels by hand, k = 2 and k = 4",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        for (const k of [2, 4]) {
          const ratios = [3, 2, -2.5, -0.1, 0.7];
          t.mistakes(
            await given.oddsAfter([...ratios], 0.3, k),
            oddsAnswers(ratios, 0.3, k),
            1e-9,
            `log-odds for [${ratios}], prior 0.3, k = ${k}`,
          );
        }
      },
    },
    {
      name: "twelve random pixels, numbers in any order",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const ratios = list(normal(a, 12)).map((x) => 8 * x);
        const prior = 1 + uniform(b, 1)[0];
        t.mistakes(await given.oddsAfter([...ratios], prior, 4), oddsAnswers(ratios, prior, 4), 1e-9, "the log-odds");
      },
    },
  ],
});

export const witnessExercise = exercise({
  id: "17/witness",
  title: "The witness",
  difficulty: 3,
  minutes: 12,
  gives: ["getsAway"],
  watches: {
    "average-question": "The bound is a mean over questions. The questioner asks the one that is worst for the mix.",
    "easiest-question": "The bound takes the question that suits the witness best. The questioner wants the least.",
    "one-meaning":
      "The second number is what the best single meaning gets, most over meanings of the least over questions. The adaptive witness moves last: least over questions of the most over meanings.",
    "mix-ignored": "Each meaning counts the same in the bound. Weigh meaning r with mix[r].",
  },
  parts: [
    {
      name: "two meanings, three questions",
      points: 2,
      look: "section 4",
      async run(given, t) {
        await askWitness(
          given,
          t,
          [
            [0.9, 0.2, 0.6],
            [0.1, 0.8, 0.5],
          ],
          [0.7, 0.3],
        );
      },
    },
    {
      name: "three meanings, two questions",
      points: 1,
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0, 0.1);
        await askWitness(
          given,
          t,
          [
            [0.9 - x, 0.1],
            [0.2, 0.7 + x],
            [0.3, 0.4],
          ],
          [0.2, 0.5 - x, 0.3 + x],
        );
      },
    },
  ],
});

async function askWitness(
  given: { getsAway: (...args: unknown[]) => Promise<unknown> },
  t: { mistakes: (got: unknown, values: { right: unknown }, tolerance: number, message?: string) => void },
  escapes: readonly (readonly number[])[],
  mix: readonly number[],
) {
  const against = escapes[0].map((_, q) => total(escapes.map((row, r) => mix[r] * row[q])));
  const plain = escapes[0].map((_, q) => total(escapes.map((row) => row[q])) / escapes.length);
  const adaptive = least(escapes[0].map((_, q) => most(escapes.map((row) => row[q]))));
  const answers = {
    right: [least(against), adaptive],
    "average-question": [total(against) / against.length, adaptive],
    "easiest-question": [most(against), adaptive],
    "one-meaning": [least(against), most(escapes.map(least))],
    "mix-ignored": [least(plain), adaptive],
  };
  t.mistakes(await given.getsAway(copy(escapes), [...mix]), answers, 1e-9, "[bound, adaptive]");
}

interface LoopSlips {
  choose?: Choice;
  inPlace?: boolean;
  noise?: "after" | "none" | "before";
  extra?: number;
  inner?: boolean;
}

/** The learner's loop of exercise 17/amplify-loop, right or with one of its likely mistakes. */
function loop(edges: readonly (readonly number[])[], luck: readonly number[][][], s: number, slips: LoopSlips = {}) {
  const { choose = least, inPlace = false, noise = "after", extra = 0, inner = false } = slips;
  let agent = copy(edges);
  const nothing = edges.map((row) => row.map(() => 0));
  for (const z of [...luck, ...Array.from({ length: extra }, () => nothing)]) {
    const asked = noise === "before" ? agent.map((row, i) => row.map((d, j) => d * (1 + s * z[i][j]))) : agent;
    const next = inPlace ? agent : copy(agent);
    for (let i = 0; i < next.length; i++) {
      for (let j = 0; j < next.length; j++) {
        const ways = asked.map((row, m) => asked[i][m] + row[j]).filter((_, m) => !inner || (m !== i && m !== j));
        next[i][j] = choose(ways) * (noise === "after" ? 1 + s * z[i][j] : 1);
      }
    }
    agent = next;
  }
  return agent;
}

function drawMap(key: Key) {
  const [a, b] = split(key);
  const edges = ringWithChords(a, 8, 1).map(list);
  const luck = split(b, 2).map((k) => {
    const z = list(normal(k, 64));
    return edges.map((_, i) => z.slice(8 * i, 8 * i + 8));
  });
  return { edges, luck };
}

export const amplifyLoopExercise = exercise({
  id: "17/amplify-loop",
  title: "The loop: ask, put together, distil",
  difficulty: 4,
  minutes: 20,
  gives: ["amplifyLoop"],
  watches: {
    longest: "The longest way was taken. The judge takes the middle with the least sum.",
    "in-place":
      "A round read what it had just written. All questions of a round go to the agent as it was when the round began: write into a new matrix.",
    "no-noise": "Distilling left no noise: the next agent says D (1 + s z).",
    "noise-before":
      "The noise came before the judge put halves together. The judge works with the agent's words; what is distilled afterwards gets the noise.",
    "one-round-more": "There was one round too many: one for each entry of luck.",
    "middle-inside":
      "The middle was never one of the two ends. It may be (a place is 0 from itself): otherwise a single road is forgotten.",
  },
  parts: [
    {
      name: "eight places, two rounds with noise",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const { edges, luck } = drawMap(t.key);
        const by = (slips?: LoopSlips) => loop(edges, luck, 0.1, slips);
        t.mistakes(
          await given.amplifyLoop(copy(edges), luck.map(copy), 0.1),
          {
            right: by(),
            longest: by({ choose: most }),
            "in-place": by({ inPlace: true }),
            "no-noise": by({ noise: "none" }),
            "noise-before": by({ noise: "before" }),
            "one-round-more": by({ extra: 1 }),
            "middle-inside": by({ inner: true }),
          },
          1e-9,
          "the agent after two rounds",
        );
      },
    },
    {
      name: "learns a map of 16 places in four rounds, not in two",
      points: 2,
      async run(given, t) {
        const edges = ringWithChords(t.key, 16, 1).map(list);
        const ways = shortestWays(edges).map(list);
        const zero = edges.map((row) => row.map(() => 0));
        const right = (agent: number[][]) =>
          total(ways.map((row, i) => row.filter((way, j) => Math.abs(agent[i]?.[j] - way) < 1e-9).length)) / 256;
        const shares = [];
        for (const rounds of [0, 2, 4]) {
          const told = await given.amplifyLoop(
            copy(edges),
            Array.from({ length: rounds }, () => copy(zero)),
            0,
          );
          shares.push(right(told));
        }
        const percents = shares.map((share) => `${(100 * share).toFixed(0)} %`).join(", ");
        if (!(shares[0] < shares[1] && shares[1] <= shares[2] && shares[2] === 1)) {
          t.fail(`After 0, 2 and 4 rounds more and more ways should be right, in the end all; right were ${percents}.`);
        }
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "17/find-the-bug",
  title: "Find the bug: an honest second opinion",
  difficulty: 2,
  minutes: 6,
  gives: ["doubleLeast"],
  watches: {
    "same-copy":
      "The same copy chose and was read: the least of noisy numbers is too small. Choose by one, read the other.",
    "read-one": "Chosen and read by the first copy: that is the plain minimum. Read the length off the other.",
    swapped: "Chosen by the other copy and read off the first. The exercise asks for it the other way round.",
    average: "This is the average of the copies at the chosen way: half of the curse stays. Read the other copy alone.",
  },
  parts: [
    {
      name: "chooses by one, reads the other",
      points: 2,
      look: "section 6",
      async run(given, t) {
        const hand = [
          [
            [3, 1, 2],
            [0.5, 4, 2.5],
          ],
        ];
        const [a, b, c] = split(t.key, 3);
        const random = [list(uniform(a, 5, 2, 3)), list(uniform(b, 5, 2, 3))];
        const place = Math.floor(uniform(c, 1)[0] * 5);
        random[0][place] = 1;
        random[1][(place + 2) % 5] = 0.5;
        for (const [one, other] of [...hand, random]) {
          const [i, j] = [one.indexOf(least(one)), other.indexOf(least(other))];
          t.mistakes(
            await given.doubleLeast([...one], [...other]),
            {
              right: other[i],
              "same-copy": other[j],
              "read-one": one[i],
              swapped: one[j],
              average: (one[i] + other[i]) / 2,
            },
            1e-12,
            `the length for one = [${one.map((x) => x.toFixed(2))}], other = [${other.map((x) => x.toFixed(2))}]`,
          );
        }
      },
    },
  ],
});

const noGap = "A ceiling that is not above the weak one leaves no gap: throw an error instead of a number.";

export const gapRecoveredExercise = exercise({
  id: "17/gap-recovered",
  title: "The gap recovered",
  difficulty: 2,
  minutes: 6,
  gives: ["gapRecovered"],
  watches: {
    "by-ceiling": "Divided by the ceiling. The gap is from the weak one to the ceiling.",
    swapped: "Weak and strong are swapped above the line: a better student must have a greater PGR.",
    clamped:
      "Values outside 0 to 1 were cut off. A student worse than its teacher has a PGR below 0, and that is news.",
    "no-refusal": noGap,
  },
  parts: [
    {
      name: "inside and outside of 0 to 1",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0, 0.05);
        for (const [weak, both, ceiling] of [
          [0.6, 0.8 + x, 0.9],
          [0.6 + x, 0.5, 0.8],
          [0.6, 0.9, 0.8 + x / 2],
        ]) {
          const right = (both - weak) / (ceiling - weak);
          t.mistakes(
            await given.gapRecovered(weak, both, ceiling),
            {
              right,
              "by-ceiling": (both - weak) / ceiling,
              swapped: -right,
              clamped: Math.min(1, Math.max(0, right)),
            },
            1e-6,
            `PGR of ${weak.toFixed(3)}, ${both.toFixed(3)}, ${ceiling.toFixed(3)}`,
          );
        }
      },
    },
    {
      name: "refuses where there is no gap",
      points: 1,
      async run(given, t) {
        for (const ceiling of [0.6, 0.5]) {
          await t.refuses(() => given.gapRecovered(0.6, 0.7, ceiling), noGap);
        }
      },
    },
  ],
});

export const confidentTargetExercise = exercise({
  id: "17/confident-target",
  title: "The confident target",
  difficulty: 3,
  minutes: 10,
  gives: ["confidentTarget"],
  watches: {
    half: "The threshold is one half. Own answers must be yes as often as the weak labels: take the highest so many.",
    "wrong-side": "a weighs the weak labels, and 1 - a the own answers. It is the other way round.",
    soft: "The student's probability itself was mixed in. The confidence loss takes its hard answer, 0 or 1.",
    "lowest-first": "The lowest probabilities became yes. Take the highest.",
  },
  parts: [
    {
      name: "a base rate of one in five, and none at all",
      points: 2,
      look: "section 7",
      async run(given, t) {
        const [shift] = uniform(t.key, 1, 0, 0.02);
        const probabilities = [0.9, 0.55, 0.2, 0.7, 0.6, 0.1, 0.8, 0.3, 0.4, 0.65].map((p) => p + shift);
        const half = probabilities.map((p) => (p > 0.5 ? 1 : 0));
        for (const weak of [
          [0, 1, 0, 0, 0, 1, 0, 0, 0, 0],
          [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ]) {
          const ones = total(weak);
          const ranks = (sign: number) =>
            probabilities.map((p) => (probabilities.filter((other) => sign * (other - p) > 0).length < ones ? 1 : 0));
          const a = 0.3 + shift;
          const mix = (own: readonly number[], share = a) => weak.map((w, i) => (1 - share) * w + share * own[i]);
          t.mistakes(
            await given.confidentTarget([...weak], [...probabilities], a),
            {
              right: mix(ranks(1)),
              half: mix(half),
              "wrong-side": mix(ranks(1), 1 - a),
              soft: mix(probabilities),
              "lowest-first": mix(ranks(-1)),
            },
            1e-9,
            `the targets where ${ones} of ten weak labels are 1`,
          );
        }
      },
    },
  ],
});

export const courtroomExercise = exercise({
  id: "17/courtroom",
  title: "Something new: the courtroom",
  difficulty: 3,
  minutes: 12,
  gives: ["courtroom"],
  watches: {
    honest:
      "This prosecutor never incriminates the innocent. One that wants convictions does, as often as the judge just bears.",
    "half-only": "The threshold t was ignored: this is the answer for t = 1/2.",
    uncapped: "q is a probability: where guilt is likely enough anyway, it is 1.",
    "innocent-only": "The convicted are the guilty as well: p + (1 - p) q.",
  },
  parts: [
    {
      name: "a doubtful case, and one where everybody is convicted",
      points: 2,
      look: "section 8",
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0, 0.05);
        for (const [p, threshold] of [
          [0.3, 0.5],
          [0.2 + x, 0.7],
          [0.8, 0.6 + x],
        ]) {
          const share = (t_: number) => (p * (1 - t_)) / (t_ * (1 - p));
          const answer = (q: number) => [q, p + (1 - p) * q];
          const q = Math.min(1, share(threshold));
          t.mistakes(
            await given.courtroom(p, threshold),
            {
              right: answer(q),
              honest: answer(0),
              "half-only": answer(Math.min(1, share(0.5))),
              uncapped: answer(share(threshold)),
              "innocent-only": [q, (1 - p) * q],
            },
            1e-6,
            `[q, convicted] for p = ${p.toFixed(3)}, t = ${threshold.toFixed(3)}`,
          );
        }
      },
    },
  ],
});
