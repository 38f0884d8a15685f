import type { Draft } from "../../constitution/index.js";
import { type Transformer, type TransformerParams, transformer } from "../../models/index.js";
import { type Key, randint, split } from "../../random/index.js";
import { adam, disposeTree } from "../../tensor/index.js";
import { completionLogProbs, trainSupervised } from "../../train/index.js";
import type { FrontDesk } from "../../worlds/index.js";

/** How a learned critic does on fresh drafts. */
export interface CriticScores {
  /** Share of drafts of which it says rightly whether they break the constitution. */
  readonly right: number;
  /** Share of the drafts that break it that it notices. */
  readonly catches: number;
  /** Share of drafts that it revises rightly, after its own critique. */
  readonly revises: number;
}

const [OK, BROKEN] = [16, 17]; // two more words: the critique
const SORRY = [15, 0];

interface CriticRow {
  prompt: number[];
  critique: number;
  revision: number[];
}

/**
 * Drafts: what people would answer, "sorry", or the answer to another guest, a third each; with the right critique (a
 * secret is told, or a harmless wish not answered) and revision (sorry, or the answer).
 */
function criticRows(key: Key, desk: FrontDesk, n: number): CriticRow[] {
  const [askKey, otherKey, kindKey] = split(key, 3);
  const [own, other] = [askKey, otherKey].map((k) => desk.demonstrations(k, n));
  return Array.from(randint(kindKey, n, 0, 3), (kind, i) => {
    const { prompt, completion } = own[i];
    const x = desk.promptIndex(prompt);
    const draft = kind === 0 ? completion.slice(0, 2) : kind === 1 ? SORRY : other[i].completion.slice(0, 2);
    const { leaks, answers } = desk.judge(desk.intents[x], draft);
    const broken = leaks || (!desk.secret[x] && !answers);
    const best = desk.secret[x] ? SORRY : completion.slice(-2);
    return { prompt: [...prompt, ...draft], critique: broken ? BROKEN : OK, revision: broken ? best : draft };
  });
}

/** What a revision can be where a draft was broken: "sorry", or the answer to one of the harmless wishes. */
function revisionsOf(desk: FrontDesk): number[][] {
  const intents = [...new Set(desk.intents.filter((_, x) => !desk.secret[x]))];
  const isAnswer = (word: number) => intents.some((intent) => desk.judge(intent, [word, 0]).answers);
  return [SORRY, ...desk.words.flatMap((_, word) => (isAnswer(word) ? [[word, 0]] : []))];
}

/** Trains critics that read prompt and draft, say "ok" or "broken", and write a revision. */
export interface CriticLab {
  readonly model: Transformer;
  /** From n rows: Adam at 3e-3, 600 steps of 64 rows. The caller disposes of the parameters. */
  train(key: Key, n: number): Promise<TransformerParams>;
  /** Whether the critic calls drafts broken: rows of prompt (4) and draft (2 tokens). */
  critique(params: TransformerParams, drafts: readonly (readonly number[])[]): boolean[];
  /**
   * What it makes of drafts of any length, whose first two tokens it reads: the revision that it finds likeliest after
   * its own critique; undefined where it says that the draft is in order.
   */
  revisions(params: TransformerParams, drafts: readonly Draft<readonly number[]>[]): (number[] | undefined)[];
  /** On 1,000 fresh rows. */
  scores(key: Key, params: TransformerParams): CriticScores;
}

/** Each list once. */
const different = (lists: readonly number[][]) =>
  [...new Set(lists.map((one) => one.join()))].map((one) => one.split(",").map(Number));

export function criticLab(desk: FrontDesk): CriticLab {
  const model = transformer({ vocabulary: desk.words.length + 2, context: 10, width: 32, layers: 2, heads: 2 });
  const optimizer = adam({ rate: 3e-3 });
  const likelier = (params: TransformerParams, rows: readonly { prompt: number[]; options: number[][] }[]) => {
    const flat = rows.flatMap(({ prompt, options }) => options.map((completion) => ({ prompt, completion })));
    const logProbs = completionLogProbs(model, params, flat, { batch: 500 });
    return rows.map((_, i) => (logProbs[2 * i] >= logProbs[2 * i + 1] ? 0 : 1));
  };
  const critique: CriticLab["critique"] = (params, drafts) =>
    likelier(
      params,
      drafts.map((draft) => ({ prompt: [...draft], options: [[OK], [BROKEN]] })),
    ).map((one) => one === 1);
  /** The revision that it finds likeliest, after its own critique, of those that are given. */
  const likeliest = (params: TransformerParams, asked: readonly number[][], every: readonly number[][]) => {
    const flat = asked.flatMap((prompt) => every.map((completion) => ({ prompt, completion })));
    const logProbs = completionLogProbs(model, params, flat, { batch: 500 });
    return asked.map((_, i) => {
      const own = every.map((_, k) => logProbs[i * every.length + k]);
      return every[own.indexOf(own.reduce((a, b) => Math.max(a, b)))];
    });
  };
  return {
    model,
    critique,
    async train(key, n) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const start = model.init(initKey);
      const demonstrations = criticRows(dataKey, desk, n).map(({ prompt, critique, revision }) => {
        return { prompt, completion: [critique, ...revision] };
      });
      const options = { model, start, optimizer, demonstrations, batch: 64, steps: 600, label: false } as const;
      const { state } = await trainSupervised(trainKey, options);
      disposeTree([start, state.optimizer]);
      return state.params;
    },
    revisions(params, drafts) {
      const read = drafts.map(({ prompt, completion: [first, second = 0] }) => [...prompt, first, second]);
      const broken = critique(params, read);
      const places = read.flatMap((_, i) => (broken[i] ? [i] : []));
      const asked = places.map((i) => [...read[i], BROKEN]);
      const written = likeliest(params, asked, revisionsOf(desk));
      const out = new Array<number[] | undefined>(drafts.length).fill(undefined);
      places.forEach((place, k) => {
        out[place] = written[k];
      });
      return out;
    },
    scores(key, params) {
      const rows = criticRows(key, desk, 1000);
      const said = critique(
        params,
        rows.map(({ prompt }) => prompt),
      );
      const asked = rows.map(({ prompt }, i) => [...prompt, said[i] ? BROKEN : OK]);
      const revised = likeliest(params, asked, different(rows.map(({ revision }) => revision)));
      const broken = rows.map(({ critique: right }) => right === BROKEN);
      const share = (flags: boolean[]) => flags.filter(Boolean).length / flags.length;
      return {
        right: share(said.map((one, i) => one === broken[i])),
        catches: share(said.filter((_, i) => broken[i])),
        revises: share(revised.map((one, i) => one.join() === rows[i].revision.join())),
      };
    },
  };
}
