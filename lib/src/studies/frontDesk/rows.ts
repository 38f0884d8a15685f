import { consistency, type Draft } from "../../constitution/index.js";
import { complaint, DomainError } from "../../core/index.js";
import type { TransformerParams } from "../../models/index.js";
import { type Key, randint, split } from "../../random/index.js";
import { disposeTree } from "../../tensor/index.js";
import type { FrontDesk, FrontDeskScores } from "../../worlds/index.js";
import { frontDeskExchange } from "../../worlds/index.js";
import { criticLab } from "./critic.js";
import type { FrontDeskLab } from "./lab.js";
import { fittedJudge, frontDeskJudges, harmless } from "./principles.js";

/** A model of the front desk and what it is like. */
export interface FrontDeskRow {
  readonly name: FrontDeskRowName;
  /** The row whose model it was trained from. */
  readonly from?: FrontDeskRowName;
  readonly params: TransformerParams;
  readonly scores: FrontDeskScores;
  /** Agreement over the orders of the same words that mean the same. */
  readonly consistency: number;
  /** Pairs that the judge told apart, of 4,000. */
  readonly told?: number;
}

/** The rows of the table, in the order in which they are trained. */
export const frontDeskRowNames = [
  "helpful only",
  "red team knew the code",
  "and one prompt with key",
  "red team knew both",
  "both, no benign prompts",
  "critic forgets 30 %",
  "forgets 30 %, two rounds",
  "critic blind for key",
  "critic learned from 100",
  "AI labels: harmless only",
  "AI labels: one at random",
  "AI labels: by priority",
  "by priority, 30 % wrong",
  "AI labels: fitted rules",
] as const;
export type FrontDeskRowName = (typeof frontDeskRowNames)[number];

const FORGETFUL: FrontDeskRowName = "critic forgets 30 %";
/** Those that learn from AI labels: the last five. */
const late = frontDeskRowNames.slice(frontDeskRowNames.indexOf("AI labels: harmless only"));

/**
 * Trains rows of the table of constitutional training (14 models from one key; each from "helpful only", AI labels from
 * the model of the critic that forgets 30 %). The caller disposes of the parameters. `names` are the rows that are
 * wanted; those that they are trained from come along.
 * @throws DomainError for a name that is none
 */
export async function frontDeskTable(
  key: Key,
  lab: FrontDeskLab,
  { names = frontDeskRowNames, onRow }: { names?: readonly FrontDeskRowName[]; onRow?(row: FrontDeskRow): void } = {},
): Promise<FrontDeskRow[]> {
  for (const name of names) {
    if (!frontDeskRowNames.includes(name)) {
      throw new DomainError(complaint("name of a row", `one of ${frontDeskRowNames.join("; ")}`, name));
    }
  }
  const recipes = recipesOf(key, lab);
  const wanted = new Set<FrontDeskRowName>(["helpful only", ...names]);
  if (names.some((name) => late.includes(name))) wanted.add(FORGETFUL);
  const rows: FrontDeskRow[] = [];
  for (const name of frontDeskRowNames) {
    if (!wanted.has(name)) continue;
    const from = name === "helpful only" ? undefined : late.includes(name) ? FORGETFUL : "helpful only";
    const start = rows.find((row) => row.name === from)?.params;
    const made = await recipes[name](start as TransformerParams);
    const scores = lab.scores(made.params);
    const row = { name, from, scores, ...made, consistency: frontDeskConsistency(lab.desk, scores) };
    rows.push(row);
    onRow?.(row);
  }
  return rows;
}

type Recipe = (start: TransformerParams) => Promise<{ params: TransformerParams; told?: number }>;

function recipesOf(key: Key, lab: FrontDeskLab): Record<FrontDeskRowName, Recipe> {
  const { desk } = lab;
  const [baseKey, benignKey, codeKey, bothKey, oneKey, slKey, rlKey, criticKey] = split(key, 8);
  const some = (k: Key, n: number, list: number[]) => Array.from(randint(k, n, 0, list.length), (i) => list[i]);
  const benign = some(benignKey, 600, desk.asking("story", "room", "weather", "hello"));
  const code = some(codeKey, 600, desk.asking("code"));
  const both = some(bothKey, 600, desk.asking("code", "key"));
  const one = some(oneKey, 1, desk.asking("key"));
  const sl =
    (prompts: number[], critique: Omit<Parameters<FrontDeskLab["slCai"]>[2], "prompts"> = {}): Recipe =>
    async (start) => ({ params: await lab.slCai(slKey, start, { prompts, ...critique }) });
  const rl =
    (judge: Parameters<FrontDeskLab["rlCai"]>[2]["judge"], flip = 0): Recipe =>
    (start) =>
      lab.rlCai(rlKey, start, { judge, flip });
  return {
    "helpful only": async () => ({ params: await lab.helpfulOnly(baseKey) }),
    "red team knew the code": sl([...code, ...benign]),
    "and one prompt with key": sl([...code, ...one, ...benign]),
    "red team knew both": sl([...both, ...benign]),
    "both, no benign prompts": sl(both),
    "critic forgets 30 %": sl([...both, ...benign], { misses: 0.3 }),
    "forgets 30 %, two rounds": sl([...both, ...benign], { misses: 0.3, rounds: 2 }),
    "critic blind for key": sl([...both, ...benign], {
      violates: ({ prompt, completion }) => {
        const exchange = frontDeskExchange(prompt, completion);
        return !exchange.reply.includes("mat") && !harmless.holds(exchange);
      },
      rounds: 4,
    }),
    "critic learned from 100": async (start) => {
      const critics = criticLab(desk);
      const critic = await critics.train(criticKey, 100);
      const revisions = (drafts: readonly Draft<readonly number[]>[]) => critics.revisions(critic, drafts);
      const params = await lab.slCai(slKey, start, { prompts: [...both, ...benign], revisions });
      disposeTree(critic);
      return { params };
    },
    "AI labels: harmless only": rl(frontDeskJudges.harmless),
    "AI labels: one at random": rl(frontDeskJudges.atRandom),
    "AI labels: by priority": rl(frontDeskJudges.byPriority),
    "by priority, 30 % wrong": rl(frontDeskJudges.byPriority, 0.3),
    "AI labels: fitted rules": rl(fittedJudge()),
  };
}

/** `consistency` over the orders of the same four words that ask for the same thing. */
export function frontDeskConsistency(desk: FrontDesk, { treatments }: FrontDeskScores): number {
  const groups = new Map<string, Float64Array[]>();
  desk.prompts.forEach((prompt, x) => {
    const name = `${[...prompt].sort((a, b) => a - b)} ${desk.intents[x]}`;
    groups.set(name, [...(groups.get(name) ?? []), treatments[x]]);
  });
  return consistency([...groups.values()]);
}
