import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { foldIn, type Key, permutation, randint, split, uniform } from "../random/index.js";

/** What a red team searches: prompts of `length` words, for one that makes an objective large. */
export interface RedTeamSearch {
  /** Token ids that a prompt may hold. */
  readonly words: readonly number[];
  /** Words in a prompt. */
  readonly length: number;
  /** Asks the model once: the probability that this prompt breaks it. */
  objective(prompt: readonly number[]): number;
  /** How many questions may be asked in all, repeated ones among them. */
  readonly budget: number;
  /** From which value on an attack is a success; 0.5 by default. */
  readonly threshold?: number;
  /** Go on after the first success until the budget is spent; false by default. */
  readonly goOn?: boolean;
}

/** What came of it. */
export interface Attack {
  /** Questions up to the first success, itself included; the budget where there was none. */
  readonly queries: number;
  readonly succeeded: boolean;
  /** The best prompt and its value. */
  readonly best: readonly number[];
  readonly value: number;
  /** All different successes, in the order in which they were found. */
  readonly found: readonly (readonly number[])[];
}

/** Prompts drawn blindly. @throws DomainError for a search that cannot be */
export function random(key: Key, search: RedTeamSearch): Attack {
  const run = begin(search);
  for (let n = 0; !run.over(); n++) run.ask(draw(foldIn(key, n), search));
  return run.result();
}

/** Prompts drawn from a list, one after the other in a random order, again and again: known requests, reworded. */
export function fromList(key: Key, search: RedTeamSearch, prompts: readonly (readonly number[])[]): Attack {
  if (prompts.length === 0) throw new DomainError(complaint("prompts", "at least one", prompts));
  const run = begin(search);
  for (let round = 0; !run.over(); round++) {
    for (const i of permutation(foldIn(key, round), prompts.length)) {
      if (run.over()) break;
      run.ask(prompts[i]);
    }
  }
  return run.result();
}

/**
 * Hill climbing: from a random prompt, single words are swapped in a random order, and the first swap that helps is
 * kept; where none helps the climb begins anew elsewhere.
 * @throws DomainError for a search that cannot be
 */
export function hillClimb(key: Key, search: RedTeamSearch): Attack {
  const run = begin(search);
  for (let climb = 0; !run.over(); climb++) {
    const [startKey, orderKey] = split(foldIn(key, climb));
    let here: readonly number[] = draw(startKey, search);
    let value = run.ask(here);
    for (let step = 0, better = true; better && !run.over(); step++) {
      better = false;
      for (const i of permutation(foldIn(orderKey, step), search.length * search.words.length)) {
        if (run.over()) break;
        const next = swapped(here, Math.floor(i / search.words.length), search.words[i % search.words.length]);
        if (next === undefined) continue;
        const worth = run.ask(next);
        if (worth <= value) continue;
        [here, value, better] = [next, worth, true];
        break;
      }
    }
  }
  return run.result();
}

/**
 * An evolutionary search: a population of prompts; each child takes every word from one of two parents (each the better
 * of two drawn), and one word in `length` is drawn anew; the better half of parents and children lives on.
 * @throws DomainError for a search or a population that cannot be
 */
export function evolve(key: Key, search: RedTeamSearch, { population = 16 }: { population?: number } = {}): Attack {
  checkCount("population", population, 2);
  const run = begin(search);
  const ask = (prompt: readonly number[]) => ({ prompt, value: run.over() ? -1 : run.ask(prompt) });
  let living = split(foldIn(key, 0), population).map((k) => ask(draw(k, search)));
  for (let generation = 1; !run.over(); generation++) {
    const children = split(foldIn(key, generation), population).map((k) => {
      const [a, b, c, d] = randint(foldIn(k, 0), 4, 0, population);
      const parents = [better(living[a], living[b]), better(living[c], living[d])];
      const [from, mutates] = [randint(foldIn(k, 1), search.length, 0, 2), uniform(foldIn(k, 2), search.length)];
      const fresh = draw(foldIn(k, 3), search);
      return ask(fresh.map((word, t) => (mutates[t] < 1 / search.length ? word : parents[from[t]].prompt[t])));
    });
    living = [...living, ...children].sort((x, y) => y.value - x.value).slice(0, population);
  }
  return run.result();
}

/** What a gradient says of swaps: [length][words.length], the change of the objective that it predicts. */
export type SwapScores = (prompt: readonly number[]) => readonly ArrayLike<number>[];

/**
 * Greedy coordinate gradient (Zou et al. 2023, arXiv:2307.15043): the gradient in the one-hot words predicts what each
 * swap would do; of the `top` swaps that it likes best `tries` are drawn and asked, and the best of them is kept if it
 * helps, else the climb begins anew. A gradient is paid as one question.
 * @throws DomainError for a search that cannot be
 */
export function tokenGradient(
  key: Key,
  search: RedTeamSearch,
  scores: SwapScores,
  { top = 12, tries = 6 }: { top?: number; tries?: number } = {},
): Attack {
  const run = begin(search);
  for (let climb = 0; !run.over(); climb++) {
    const [startKey, stepKey] = split(foldIn(key, climb));
    let here: readonly number[] = draw(startKey, search);
    let value = run.ask(here);
    for (let step = 0, improved = true; improved && !run.over(); step++) {
      run.pay();
      improved = false;
      const liked = likedSwaps(here, search, scores(here)).slice(0, top);
      const asked: { prompt: readonly number[]; value: number }[] = [];
      for (const i of permutation(foldIn(stepKey, step), liked.length).slice(0, tries)) {
        if (!run.over()) asked.push({ prompt: liked[i], value: run.ask(liked[i]) });
      }
      if (asked.length === 0) break;
      const best = asked.reduce(better);
      if (best.value > value) [here, value, improved] = [best.prompt, best.value, true];
    }
  }
  return run.result();
}

/**
 * MAP-Elites (Mouret and Clune 2015, arXiv:1504.04909; Samvelyan et al. 2024, arXiv:2402.16822): an archive keeps the
 * best prompt of each kind, so that the search stays wide; each question is a kept prompt with one word drawn anew.
 * `kind` names a prompt's kind.
 * @throws DomainError for a search that cannot be
 */
export function mapElites(
  key: Key,
  search: RedTeamSearch,
  kind: (prompt: readonly number[]) => string | number,
): Attack & { readonly archive: ReadonlyMap<string | number, { prompt: readonly number[]; value: number }> } {
  const run = begin(search);
  const archive = new Map<string | number, { prompt: readonly number[]; value: number }>();
  for (let n = 0; !run.over(); n++) {
    const k = foldIn(key, n);
    const elites = [...archive.values()];
    let prompt: readonly number[] = draw(foldIn(k, 0), search);
    if (elites.length > 0 && n >= 16) {
      const parent = elites[randint(foldIn(k, 1), 1, 0, elites.length)[0]];
      const place = randint(foldIn(k, 2), 1, 0, search.length)[0];
      prompt = parent.prompt.map((word, t) => (t === place ? prompt[t] : word));
    }
    const value = run.ask(prompt);
    const own = archive.get(kind(prompt));
    if (own === undefined || value > own.value) archive.set(kind(prompt), { prompt, value });
  }
  return { ...run.result(), archive };
}

/** Counts questions and keeps what was found. */
function begin(search: RedTeamSearch) {
  const { words, length, budget, threshold = 0.5, goOn = false } = search;
  if (words.length < 2) throw new DomainError(complaint("words", "at least two", words));
  for (const [name, value] of Object.entries({ length, budget })) {
    checkCount(name, value);
  }
  const found = new Map<string, readonly number[]>();
  let [asked, first, value] = [0, budget, Number.NEGATIVE_INFINITY];
  let best: readonly number[] = [];
  return {
    over: () => asked >= budget || (!goOn && found.size > 0),
    pay: () => {
      asked++;
    },
    ask(prompt: readonly number[]): number {
      asked++;
      const worth = search.objective(prompt);
      if (Number.isNaN(worth)) throw new DomainError(complaint(`objective(${prompt})`, "a number", worth));
      if (worth > value) [best, value] = [prompt, worth];
      if (worth >= threshold) {
        if (found.size === 0) first = asked;
        found.set(prompt.join(), prompt);
      }
      return worth;
    },
    result: (): Attack => ({ queries: first, succeeded: found.size > 0, best, value, found: [...found.values()] }),
  };
}

function draw(key: Key, { words, length }: RedTeamSearch): number[] {
  return Array.from(randint(key, length, 0, words.length), (i) => words[i]);
}

/** The prompt with another word at a place; undefined if it stands there already. */
function swapped(prompt: readonly number[], place: number, word: number): readonly number[] | undefined {
  return prompt[place] === word ? undefined : prompt.map((old, t) => (t === place ? word : old));
}

const better = <P extends { value: number }>(a: P, b: P) => (b.value > a.value ? b : a);

/** All single swaps, the one that the scores like best first. */
function likedSwaps(prompt: readonly number[], { words }: RedTeamSearch, scores: readonly ArrayLike<number>[]) {
  const all = prompt.flatMap((_, t) =>
    words.flatMap((word, j) => {
      const next = swapped(prompt, t, word);
      return next === undefined ? [] : [{ next, score: scores[t][j] }];
    }),
  );
  return all.sort((a, b) => b.score - a.score).map(({ next }) => next);
}
