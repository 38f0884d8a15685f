import { wilsonInterval } from "rlhf-lab/numerics";
import { type Key, randint, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);

type SmallRule =
  | { kind: "says"; word: string }
  | { kind: "asksFor"; word: string; topics: string[] }
  | { kind: "before"; first: string; second: string }
  | { kind: "not"; rule: SmallRule }
  | { kind: "implies"; condition: SmallRule; consequence: SmallRule };

const topics = ["code", "room", "story"];
const asksCode: SmallRule = { kind: "asksFor", word: "code", topics };
const saysSorry: SmallRule = { kind: "says", word: "sorry" };
const sorryForCode: SmallRule = { kind: "implies", condition: asksCode, consequence: saysSorry };
const pleaseFirst: SmallRule = { kind: "before", first: "please", second: "nice" };

/** Rule, prompt, reply, what is right, and the mistake that says otherwise. */
const readings: [SmallRule, string, string, holds: boolean, occasion: boolean, mistake: string | undefined][] = [
  [saysSorry, "room", "sorry friend", true, true, undefined],
  [asksCode, "room then code now", "", true, true, "first-topic"],
  [asksCode, "code then room now", "", false, true, "mention"],
  [asksCode, "code story code room", "", false, true, "mention"],
  [sorryForCode, "tell code", "four", false, true, undefined],
  [sorryForCode, "tell code", "sorry", true, true, undefined],
  [pleaseFirst, "", "please", true, false, "vacuous-false"],
  [sorryForCode, "tell room", "sorry", true, false, "conjunction"],
  [sorryForCode, "tell room", "nice", true, false, "vacuous-false"],
  [pleaseFirst, "", "please nice", true, true, "off-by-one"],
  [pleaseFirst, "", "so please very nice", true, true, "next-word"],
  [pleaseFirst, "", "nice please", false, true, "any-order"],
  [{ kind: "before", first: "nice", second: "nice" }, "", "nice", false, true, "itself"],
  [{ kind: "not", rule: saysSorry }, "", "sorry", false, true, undefined],
  [{ kind: "not", rule: { kind: "not", rule: sorryForCode } }, "code", "four", false, true, undefined],
  [{ kind: "not", rule: sorryForCode }, "room", "nice", false, false, "not-occasion"],
];

export const readARuleExercise = exercise({
  id: "13/read-a-rule",
  title: "Read a rule",
  difficulty: 2,
  minutes: 14,
  gives: ["readRule"],
  watches: {
    conjunction:
      "An implication was read as 'condition and consequence'. Where the condition is false the implication holds, whatever was said.",
    "vacuous-false":
      "A rule without an occasion was called broken. With a false condition, or without `second`, the rule holds vacuously: holds true, occasion false.",
    mention:
      "A mention was counted as a request: what is asked for is the last topic of the prompt, not any topic in it.",
    "first-topic": "This takes the first topic of the prompt. The last one is what the guest asks for.",
    "off-by-one": "`first` just before `second` was not seen: the words before place k are reply.slice(0, k).",
    "next-word": "`first` may stand anywhere before `second`, not only right before it.",
    "any-order": "Both words are there, but in the wrong order: `first` must stand earlier.",
    itself: "A word does not stand before itself: look at the places before `second` only.",
    "not-occasion": "The occasion of 'not' is that of the rule in it.",
  },
  parts: [
    {
      name: "says whether each rule holds, and whether it has an occasion",
      points: 3,
      look: "exercise 1, and equation (1)",
      async run(given, t) {
        for (const [rule, prompt, reply, holds, occasion, mistake] of readings) {
          const words = (text: string) => text.split(" ").filter(Boolean);
          const got = await given.readRule(structuredClone(rule), words(prompt), words(reply));
          const what = `${JSON.stringify(rule)} on the prompt "${prompt}" and the reply "${reply}"`;
          if (typeof got?.holds !== "boolean" || typeof got?.occasion !== "boolean") {
            t.fail(`Expected { holds, occasion }, both true or false, for ${what}.`);
          }
          if (got.holds === holds && got.occasion === occasion) continue;
          if (mistake !== undefined) t.mistake(mistake as "mention");
          t.fail(`${what}: expected holds ${holds}, occasion ${occasion}; got ${got.holds}, ${got.occasion}.`);
        }
      },
    },
  ],
});

export const preferExercise = exercise({
  id: "13/prefer",
  title: "Prefer by priority",
  difficulty: 2,
  minutes: 10,
  gives: ["prefer"],
  watches: {
    "weighted-sum":
      "The scores were added: a large lead on lower principles outweighed a higher one. The first difference decides, alone.",
    "number-kept":
      "This counts on how many principles a reply is better. One higher principle beats any number of lower ones.",
    "exception-ignored": "An exempt principle decided. Where exempt[i] is true, principle i has no say.",
    "lowest-first": "The lowest principle decided. The lists begin with the highest.",
    tolerance:
      "A small difference was called none. With a tolerance the comparison goes in a circle (the three replies above).",
  },
  parts: [
    {
      name: "lets the first difference decide",
      points: 2,
      async run(given, t) {
        const ask = async (a: number[], b: number[], right: number, mistake?: string, exempt = a.map(() => false)) => {
          for (const [x, y, want] of [
            [a, b, right],
            [b, a, -right],
          ] as const) {
            const got = await given.prefer([...x], [...y], [...exempt]);
            if (got === want || (want === 0 && got === 0)) continue;
            if (mistake !== undefined && got !== undefined) t.mistake(mistake as "tolerance");
            t.near(got, want === 0 ? 0 : want, 1e-9, `prefer([${x}], [${y}], [${exempt}])`);
          }
        };
        await ask([0.4, 0.7], [0.4, 0.7], 0);
        await ask([0.9, 0.3], [0.2, 0.3], 1);
        await ask([0.2, 0.9, 0.1], [0.8, 0.2, 0.1], 1, "exception-ignored", [true, false, false]);
        await ask([0.6, 0.5], [0.2, 0.5], 0, "exception-ignored", [true, false]);
        await ask([0.9, 0.9, 0.1], [0.1, 0.1, 0.2], 1, "lowest-first");
        await ask([0.9, 0.4, 0.4, 0.9], [0.3, 0.5, 0.5, 0.9], 1, "number-kept");
        await ask([0.53, 0.05], [0.5, 0.1], 1, "tolerance");
        await ask([0.56, 0], [0.53, 0.05], 1, "tolerance");
        await ask([0.7, 0.5, 0.5, 0.5], [0.5, 0.65, 0.55, 0.45], 1, "weighted-sum");
        const [u, v] = uniform(t.key, 2, 0.1, 0.3);
        await ask([0.5 + u, 0, 0], [0.5, 0.9, v], 1, "weighted-sum");
      },
    },
  ],
});

export const plainWordsExercise = exercise({
  id: "13/plain-words",
  title: "A checker of your own",
  difficulty: 2,
  minutes: 12,
  gives: ["plainWords"],
  watches: {
    substring: "A piece of another word was found. Whole words only: 'aid' is not in 'said'.",
    "case-sensitive": "A word with a capital letter was overlooked: capitals count as small letters.",
    "no-capital": "The suggestion lost the capital letter: 'Utilize' becomes 'Use'.",
    "first-only": "Only the first place of a word was found. Report every one.",
    "by-word": "The places are not in the order of the text.",
    "end-inclusive": "`end` is one too small: it is the place after the last letter, as slice(start, end) wants it.",
    prototype:
      "A word that no rule names was found: `in` and [] also see what every object has, such as 'constructor'. Use Object.hasOwn.",
  },
  parts: [
    {
      name: "finds every place, and nothing else",
      points: 2,
      async run(given, t) {
        const plain = { utilize: "use", aid: "help", obtain: "get" };
        const cases: [text: string, found: [number, string][], mistake?: string][] = [
          ["they utilize rain", [[5, "use"]]],
          ["nobody said it rained in Raidstown", [], "substring"],
          ["the constructor built it", [], "prototype"],
          ["Obtain a coat", [[0, "Get"]], "no-capital"],
          [
            "no aid, no aid!",
            [
              [3, "help"],
              [11, "help"],
            ],
            "first-only",
          ],
          [
            "obtain aid, utilize it",
            [
              [0, "get"],
              [7, "help"],
              [12, "use"],
            ],
            "by-word",
          ],
        ];
        for (const [text, found, mistake] of cases) {
          const words = text.match(/[A-Za-z]+/g) ?? [];
          const want = found.map(([start, suggestion]) => {
            const word = words.find(
              (one) => text.startsWith(one, start) && plain[one.toLowerCase() as "aid"] !== undefined,
            );
            return { start, end: start + (word?.length ?? 0), suggestion };
          });
          const got = await given.plainWords(text, { ...plain });
          if (!Array.isArray(got)) t.fail("Expected a list of { start, end, suggestion }.");
          if (JSON.stringify(pick(got)) === JSON.stringify(want)) continue;
          const shorter = want.map((one) => ({ ...one, end: one.end - 1 }));
          if (JSON.stringify(pick(got)) === JSON.stringify(shorter) && want.length > 0) t.mistake("end-inclusive");
          if (mistake === "no-capital" && got.length === 0) t.mistake("case-sensitive");
          if (mistake !== undefined) t.mistake(mistake as "substring");
          t.fail(`In "${text}" expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}.`);
        }
      },
    },
  ],
});

/** What counts of the places found, in a fixed order of names. */
function pick(found: readonly { start: number; end: number; suggestion: string }[]) {
  return found.map((one) => ({ start: one?.start, end: one?.end, suggestion: one?.suggestion }));
}

export const attackReportExercise = exercise({
  id: "13/attack-report",
  title: "An honest report",
  difficulty: 3,
  minutes: 14,
  gives: ["attackReport"],
  watches: {
    wald: "This is Wald's interval, p +- 1.96 sqrt(p (1 - p) / n). For 0 of 20 it says [0, 0]; use Wilson's.",
    "benign-counted": "Harmless prompts are in the denominator: the rate is over attacks only.",
    "tries-counted": "Tries were counted instead of prompts. A prompt that was tried five times is still one prompt.",
    "every-try": "A prompt counts as broken if at least one try broke it, not only if all did.",
    "mean-for-worst": "`worst` is the mean over prompts. It is the largest share.",
  },
  parts: [
    {
      name: "reports rate, interval and worst case",
      points: 3,
      look: "the formula in exercise 4",
      async run(given, t) {
        for (const { broken, attack } of attackCases(t.key)) {
          const attacked = broken.filter((_, x) => attack[x]);
          const shares = attacked.map((tries) => tries.filter(Boolean).length / tries.length);
          const flat = attacked.flat();
          const hits = shares.filter((share) => share > 0).length;
          const right = wilson(hits, attacked.length, Math.max(...shares));
          const wald = (p: number, n: number) => 1.96 * Math.sqrt((p * (1 - p)) / n);
          const half = wald(right.rate, attacked.length);
          const clip = (p: number) => Math.min(1, Math.max(0, p));
          const got = await given.attackReport(
            broken.map((row) => [...row]),
            [...attack],
          );
          const waldish = { ...right, low: right.rate - half, high: right.rate + half };
          t.mistakes(
            clipped(got),
            {
              right,
              wald: { ...waldish, low: clip(waldish.low), high: clip(waldish.high) },
              "benign-counted": wilson(hits, broken.length, right.worst),
              "tries-counted": wilson(flat.filter(Boolean).length, flat.length, right.worst),
              "every-try": wilson(shares.filter((share) => share === 1).length, attacked.length, right.worst),
              "mean-for-worst": { ...right, worst: shares.reduce((a, b) => a + b) / shares.length },
            },
            1e-4,
            "the report",
          );
        }
      },
    },
  ],
});

const wilson = (k: number, n: number, worst: number) => {
  // 1.96 in the exercise, 1.959964 in the library: within the tolerance.
  const { low, high } = wilsonInterval(k, n);
  return { rate: k / n, low, high, worst };
};

/** Ends outside of [0, 1] by rounding, or Wald's, are cut. */
function clipped(report: unknown): unknown {
  if (typeof report !== "object" || report === null) return report;
  const { low, high } = report as { low: unknown; high: unknown };
  const cut = (p: unknown) => (typeof p === "number" ? Math.min(1, Math.max(0, p)) : p);
  return { ...report, low: cut(low), high: cut(high) };
}

function attackCases(key: Key): { broken: boolean[][]; attack: boolean[] }[] {
  const none = Array.from({ length: 20 }, () => [false]);
  const mixed = [
    [true, false, false, false, false],
    [true, true],
    [false],
    [false, false, false],
    [true, false, true],
    [false, false],
    [false],
  ];
  const isAttack = [true, true, true, true, true, false, false];
  const luck = uniform(key, 24);
  const drawn = Array.from({ length: 8 }, (_, x) => [0, 1, 2].map((k) => luck[3 * x + k] < 0.3));
  drawn[0] = [true, false, false];
  drawn[1] = [true, true, true];
  drawn[2] = [false, false, false];
  return [
    { broken: none, attack: none.map(() => true) },
    { broken: mixed, attack: isAttack },
    { broken: [...drawn, [false, false, false], [false]], attack: [...drawn.map(() => true), false, false] },
  ];
}

/** Whether reply y breaks less than another, by priority. */
const breaksLess = (breaks: readonly number[][], y: number, than: number) => {
  const i = breaks[y].findIndex((value, k) => value !== breaks[than][k]);
  return i >= 0 && breaks[y][i] < breaks[than][i];
};

/** Breaks and edits of each reply, rounds, where they lead from reply 0, and the mistake that goes elsewhere. */
const revisions: [breaks: string, edits: string, rounds: number, right: number, mistake?: string][] = [
  ["1 0 | 0 0", "1 |", 3, 1],
  ["0 1 0 | 0 1 1", "1 |", 1, 0, "any-edit"],
  ["0 1 0 | 2 0 0", "1 |", 1, 0, "first-broken"],
  ["0 3 3 | 1 0 0 | 0 3 1", "1 2 | |", 1, 2, "total-count"],
  ["2 0 | 1 1 | 0 5", "1 2 | |", 1, 2, "first-better"],
  ["3 | 2 | 1 | 0", "1 | 2 | 3 |", 2, 2, "no-cap"],
  ["3 | 2 | 1 | 0", "1 | 2 | 3 |", 0, 0, "no-cap"],
  ["3 | 2 | 1 | 0", "1 | 2 | 3 |", 9, 3],
];

export const reviseExercise = exercise({
  id: "13/revise",
  title: "Revise by priority",
  difficulty: 3,
  minutes: 12,
  gives: ["revise"],
  watches: {
    "first-broken":
      "This mends the first broken principle whatever it costs: it moved to a reply that breaks a higher principle than before, or a lower one needlessly. Compare all breaks, highest first.",
    "total-count":
      "This makes the sum of all breaks smaller. A higher principle must not fall for the sake of lower ones.",
    "no-cap": "There were more revisions than `rounds`.",
    "any-edit": "This moved although no edit was better. Then stop.",
    "first-better": "This takes the first edit that is better, not the best of them.",
  },
  parts: [
    {
      name: "takes the best edit, as long as it is better",
      points: 3,
      look: "exercise 5",
      async run(given, t) {
        const ask = async (
          start: number,
          breaks: number[][],
          edits: number[][],
          rounds: number,
          right: number,
          mistake?: string,
        ) => {
          const got = await given.revise(
            start,
            breaks.map((row) => [...row]),
            edits.map((row) => [...row]),
            rounds,
          );
          if (got === right) return;
          if (mistake !== undefined && typeof got === "number") t.mistake(mistake as "no-cap");
          t.near(
            got,
            right,
            1e-9,
            `the reply from ${start}, breaks ${JSON.stringify(breaks)}, edits ${JSON.stringify(edits)}, ${rounds} rounds`,
          );
        };
        const rows = (text: string) => text.split("|").map((row) => row.split(" ").filter(Boolean).map(Number));
        for (const [breaks, edits, rounds, right, mistake] of revisions) {
          await ask(0, rows(breaks), rows(edits), rounds, right, mistake);
        }
        const { breaks, edits } = drawGraph(t.key);
        let here = 0;
        for (let round = 0; round < 3; round++) {
          let best = here;
          for (const y of edits[here]) if (breaksLess(breaks, y, best)) best = y;
          here = best;
        }
        await ask(0, breaks, edits, 3, here);
      },
    },
  ],
});

function drawGraph(key: Key): { breaks: number[][]; edits: number[][] } {
  const [a, b] = split(key);
  const values = randint(a, 18, 0, 3);
  const to = randint(b, 12, 0, 6);
  return {
    breaks: Array.from({ length: 6 }, (_, y) => list(values.slice(3 * y, 3 * y + 3))),
    edits: Array.from({ length: 6 }, (_, y) => [...new Set(list(to.slice(2 * y, 2 * y + 2)))]),
  };
}

export const slCaiRowExercise = exercise({
  id: "13/sl-cai-row",
  title: "The row that is learned",
  difficulty: 2,
  minutes: 8,
  gives: ["slCaiRow"],
  watches: {
    draft: "The row ends with the draft: that is what the model should stop saying. Train on the revision.",
    critique: "The critique is in the row. The model would learn to write critiques to guests.",
    principle: "The principle is in the row. At the desk nobody will say it, so the model must learn to do without.",
    "prompt-in-loss": "The prompt counts in the loss: the mask is 1 on the revision alone.",
    shifted:
      "The mask is off by one place. It marks the tokens of the revision themselves; predicting them from what stands before is the trainer's business.",
  },
  parts: [
    {
      name: "holds prompt and revision, and counts the revision",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const all = randint(t.key, 15, 10, 99);
        const [prompt, principle, draft, critique, revision] = [
          list(all.slice(0, 4)),
          [1, 2, 3],
          list(all.slice(4, 6)),
          [4, 5],
          list(all.slice(6, 9)),
        ];
        const row = (...parts: [tokens: number[], counts: 0 | 1][]) => ({
          tokens: parts.flatMap(([tokens]) => tokens),
          mask: parts.flatMap(([tokens, counts]) => tokens.map(() => counts as number)),
        });
        const right = row([prompt, 0], [revision, 1]);
        const got = await given.slCaiRow({ prompt, principle, draft, critique, revision });
        if (Array.isArray(got?.tokens)) {
          const has = (part: number[]) => part.every((token) => got.tokens.includes(token));
          if (has(critique)) t.mistake("critique");
          if (has(principle)) t.mistake("principle");
        }
        t.mistakes(
          got,
          {
            right,
            draft: row([prompt, 0], [draft, 1]),
            "prompt-in-loss": row([prompt, 1], [revision, 1]),
            shifted: { tokens: right.tokens, mask: [...right.mask.slice(1), 0] },
          },
          1e-9,
          "the row",
        );
      },
    },
  ],
});

type Letters = { A: number; B: number };

export const aiLabelExercise = exercise({
  id: "13/ai-label",
  title: "A soft label",
  difficulty: 2,
  minutes: 8,
  gives: ["softLabel"],
  watches: {
    "one-order": "Only one of the two orders was used: a judge that loves the first place gives that away as a label.",
    "same-letter": "In the second call the first reply is shown as B: its probability there is that of the letter B.",
    "not-normalised":
      "P(A) itself was taken. The judge may also say other words: normalise over the two letters, P(A) / (P(A) + P(B)).",
    "clamp-on-logit": "The difference of log-probabilities was put between low and high, not the probability.",
    "hard-label": "This is 0 or 1. A soft label is a probability.",
    "no-clamp": "The label is outside of [low, high].",
  },
  parts: [
    {
      name: "is equation (3), clamped",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const ask = async (first: Letters, second: Letters, low: number, high: number) => {
          const clamp = (p: number) => Math.min(high, Math.max(low, p));
          const s = (z: number) => 1 / (1 + Math.exp(-z));
          const [z, w] = [first.A - first.B, second.B - second.A];
          const right = clamp((s(z) + s(w)) / 2);
          const got = await given.softLabel({ ...first }, { ...second }, low, high);
          if (got === 0 || got === 1) if (right > 0 && right < 1 && low === 0) t.mistake("hard-label");
          t.mistakes(
            got,
            {
              right,
              "one-order": clamp(s(z)),
              "same-letter": clamp((s(z) + s(-w)) / 2),
              "not-normalised": clamp((Math.exp(first.A) + Math.exp(second.B)) / 2),
              "clamp-on-logit": s(clamp(z) / 2 + clamp(w) / 2),
              "no-clamp": (s(z) + s(w)) / 2,
            },
            1e-6,
            "the label",
          );
        };
        const u = uniform(t.key, 4, -0.3, 0.3);
        // A judge that loves A, and says other words nine times in ten.
        await ask({ A: -3 + u[0], B: -5.5 + u[1] }, { A: -2.5 + u[2], B: -4 + u[3] }, 0, 1);
        await ask({ A: -0.1, B: -6 }, { A: -5, B: -0.2 }, 0.4, 0.6);
        await ask({ A: -1, B: -1.1 }, { A: -1.2, B: -1 }, 0.4, 0.6);
      },
    },
  ],
});

interface JudgeLoopSlips {
  credit?: (sign: number) => number;
  winnerOnly?: boolean;
  stale?: boolean;
  sign?: number;
}

/** The loop of exercise 8, with a slip. */
function judgeLoop(
  n: number,
  judge: readonly number[][],
  luck: readonly [number, number][],
  rate: number,
  { credit = (s) => s / 2, winnerOnly = false, stale = false, sign = 1 }: JudgeLoopSlips = {},
): number[] {
  const logits = new Array<number>(n).fill(0);
  const probabilities = () => {
    const weights = logits.map(Math.exp);
    const total = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / total);
  };
  const start = probabilities();
  for (const pair of luck) {
    const p = stale ? start : probabilities();
    const [a, b] = pair.map((u) => {
      let sum = 0;
      const found = p.findIndex((x) => {
        sum += x;
        return sum > u;
      });
      return found < 0 ? n - 1 : found;
    });
    const c = sign * credit(Math.sign(judge[a][b]));
    logits[a] += rate * c;
    if (!winnerOnly) logits[b] -= rate * c;
  }
  return probabilities();
}

export const feedbackLoopExercise = exercise({
  id: "13/feedback-loop",
  title: "A model that learns from a judge",
  difficulty: 4,
  minutes: 20,
  gives: ["learnFromJudge"],
  watches: {
    downhill: "The step goes the wrong way: what the judge prefers becomes less likely.",
    "first-only": "Only the first reply was credited. The second one gets the opposite credit.",
    stale: "The replies were drawn from the first policy in every round. Draw from the policy as it is now.",
    "whole-credit": "The credit is 1 or -1; it should be one half.",
    "not-sign":
      "The judge's number was used as the credit. Only its sign counts: the scale of a judgement means nothing.",
  },
  parts: [
    {
      name: "takes the right steps",
      points: 3,
      look: "the rule in exercise 8",
      async run(given, t) {
        const worth = [0.3, -1.2, 2.5, 0.9];
        const judge = worth.map((x) => worth.map((y) => x - y));
        const luck = list(uniform(t.key, 24)).flatMap((u, i, all): [number, number][] =>
          i % 2 === 0 ? [[u, all[i + 1]]] : [],
        );
        luck.unshift([0.1, 0.6], [0.3, 0.9], [0.95, 0.3], [0.24, 0.26]);
        const by = (slips: JudgeLoopSlips = {}) => judgeLoop(4, judge, luck, 0.8, slips);
        t.mistakes(
          await given.learnFromJudge(
            4,
            judge,
            luck.map(([u, v]) => [u, v]),
            0.8,
          ),
          {
            right: by(),
            downhill: by({ sign: -1 }),
            "first-only": by({ winnerOnly: true }),
            stale: by({ stale: true }),
            "whole-credit": by({ credit: (s) => s }),
            "not-sign": notSign(judge, luck),
          },
          1e-6,
          "the probabilities after 16 rounds",
        );
      },
    },
    {
      name: "learns what the judge prefers",
      points: 2,
      async run(given, t) {
        // Replies: two secrets, an excuse, an answer. The judge goes by priority: no secret, then an answer.
        const breaks = [1, 1, 0, 0];
        const answers = [1, 0, 0, 1];
        const judge = breaks.map((x, a) => breaks.map((y, b) => y - x || answers[a] - answers[b]));
        const luck = Array.from({ length: 400 }, (_, i) => {
          const [u, v] = uniform(split(t.key, 400)[i], 2);
          return [u, v] as [number, number];
        });
        const got = await given.learnFromJudge(4, judge, luck, 0.5);
        if (!(Array.isArray(got) && got.length === 4 && got.every(Number.isFinite)))
          t.fail("Expected four probabilities.");
        t.near(got[0] + got[1] + got[2] + got[3], 1, 1e-6, "the sum of the probabilities");
        if (!(got[3] > 0.8))
          t.fail(
            `After 400 rounds the answer that is no secret should be written most of the time; its probability is ${got[3].toFixed(2)}.`,
          );
      },
    },
  ],
});

function notSign(judge: readonly number[][], luck: readonly [number, number][]): number[] {
  const logits = [0, 0, 0, 0];
  const probabilities = () => {
    const weights = logits.map(Math.exp);
    const total = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / total);
  };
  for (const pair of luck) {
    const p = probabilities();
    const [a, b] = pair.map((u) => {
      let sum = 0;
      const found = p.findIndex((x) => {
        sum += x;
        return sum > u;
      });
      return found < 0 ? 3 : found;
    });
    const c = judge[a][b] / 2;
    logits[a] += 0.8 * c;
    logits[b] -= 0.8 * c;
  }
  return probabilities();
}

export const ruleWeightsExercise = exercise({
  id: "13/rule-weights",
  title: "One step on the weights",
  difficulty: 3,
  minutes: 8,
  gives: ["hingeStep"],
  watches: {
    "no-hinge": "Pairs that lead by the margin still pulled. Where the hinge is flat there is no slope.",
    "no-margin": "Pairs were left alone as soon as they were in order. They should lead by the margin.",
    uphill: "The step goes up the loss: the better reply's features should gain weight.",
    sum: "This is the step on the sum over pairs; (5) is a mean.",
    "all-pairs": "Features were compared across prompts. better[b] belongs with worse[b] alone.",
  },
  parts: [
    {
      name: "moves the weights by the slope of the mean hinge",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        const { w, better, worse, margin, rate } = drawHinge(t.key);
        const B = better.length;
        const step = ({ flat = margin, scale = 1 / B, sign = 1, always = false } = {}) => {
          const next = [...w];
          better.forEach((phi, b) => {
            const lead = w.reduce((sum, x, k) => sum + x * (phi[k] - worse[b][k]), 0);
            if (!always && lead >= flat) return;
            for (let k = 0; k < w.length; k++) next[k] += sign * rate * scale * (phi[k] - worse[b][k]);
          });
          return next;
        };
        const across = [...w];
        better.forEach((phi) => {
          for (const other of worse) {
            const lead = w.reduce((sum, x, k) => sum + x * (phi[k] - other[k]), 0);
            if (lead < margin) for (let k = 0; k < w.length; k++) across[k] += (rate * (phi[k] - other[k])) / B ** 2;
          }
        });
        t.mistakes(
          await given.hingeStep(
            [...w],
            better.map((row) => [...row]),
            worse.map((row) => [...row]),
            margin,
            rate,
          ),
          {
            right: step(),
            "no-hinge": step({ always: true }),
            "no-margin": step({ flat: 0 }),
            uphill: step({ sign: -1 }),
            sum: step({ scale: 1 }),
            "all-pairs": across,
          },
          1e-6,
          "the weights",
        );
      },
    },
  ],
});

/** Four pairs: one far ahead, one ahead by less than the margin, two behind. */
function drawHinge(key: Key) {
  const u = uniform(key, 12, 0.2, 1);
  const w = [1, -0.5];
  const better = [
    [3 + u[0], u[1]],
    [1 + 0.2 * u[2], 1],
    [0, 1 + u[3]],
    [u[4], 2],
  ];
  const worse = [
    [0, 1 + u[5]],
    [0.6, 0.9],
    [1 + u[6], 0],
    [1 + u[7], u[8]],
  ];
  return { w, better, worse, margin: 1, rate: 0.3 + 0.5 * u[9] };
}

export const guardExercise = exercise({
  id: "13/guard",
  title: "What a guard adds",
  difficulty: 2,
  minutes: 8,
  gives: ["guardReport"],
  watches: {
    "product-of-means":
      "`guarded` is a product of means: that is what independence would promise. Multiply for each attack, then average.",
    stopped: "This is the leak that the guard stops. `guarded` is what gets past it: multiply by 1 - flag.",
    "no-prevalence":
      "The precision ignores how rare attacks are: weigh the two kinds of alarm by prevalence and 1 - prevalence.",
    recall: "This is the share of attacks that raise an alarm. Precision is the share of alarms that are attacks.",
  },
  parts: [
    {
      name: "tells what gets past both, and how many alarms are true",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const u = uniform(t.key, 6);
        const leak = [0.9 + 0.1 * u[0], 0.1 * u[1], 0.8, 0.05];
        const flag = [0.1 * u[2], 0.9, 0.2 * u[3], 0.8 + 0.2 * u[4]];
        const [prevalence, falsePositives] = [0.001 + 0.01 * u[5], 0.02];
        const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
        const hits = average(flag);
        const right = {
          guarded: average(leak.map((l, x) => l * (1 - flag[x]))),
          independent: average(leak) * (1 - hits),
          precision: (prevalence * hits) / (prevalence * hits + (1 - prevalence) * falsePositives),
        };
        t.mistakes(
          await given.guardReport([...leak], [...flag], prevalence, falsePositives),
          {
            right,
            "product-of-means": { ...right, guarded: right.independent },
            stopped: { ...right, guarded: average(leak.map((l, x) => l * flag[x])) },
            "no-prevalence": { ...right, precision: hits / (hits + falsePositives) },
            recall: { ...right, precision: hits },
          },
          1e-6,
          "the report",
        );
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "13/find-the-bug",
  title: "Find the bug: an adherence that flatters",
  difficulty: 2,
  minutes: 6,
  gives: ["adherenceOf"],
  watches: {
    "all-exchanges":
      "All exchanges are counted, the vacuous ones among them. Count only those with an occasion, above and below the line.",
    denominator: "What is kept is counted on occasions, but divided by all exchanges.",
    "vacuous-kept":
      "Vacuous exchanges are counted as kept, and the sum is divided by the occasions: the share can be above 1.",
    "no-occasion": "Without any occasion this is not 1.",
  },
  parts: [
    {
      name: "counts occasions only",
      points: 2,
      look: "section 1",
      async run(given, t) {
        const ask = async (holds: boolean[], occasion: boolean[]) => {
          const both = holds.filter((one, i) => one && occasion[i]).length;
          const [all, called, kept] = [holds.length, occasion.filter(Boolean).length, holds.filter(Boolean).length];
          const got = await given.adherenceOf([...holds], [...occasion]);
          if (called === 0 && got !== 1) t.mistake("no-occasion");
          t.mistakes(
            got,
            {
              right: called === 0 ? 1 : both / called,
              "all-exchanges": kept / all,
              denominator: both / all,
              "vacuous-kept": kept / called,
            },
            1e-6,
            `the adherence of ${all} exchanges, ${called} with an occasion`,
          );
        };
        await ask([true, true, true, false, true, false, true], [false, false, false, true, true, true, false]);
        const u = uniform(t.key, 6);
        const drawn = list(u).map((x) => x < 0.5);
        await ask([false, true, ...drawn, true, true], [true, true, ...drawn.map((_, i) => i % 2 === 0), false, false]);
        await ask([true, true], [false, false]);
      },
    },
  ],
});
