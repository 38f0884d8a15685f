import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type PersonsWorld, personsWorld } from "./persons.js";

/** Two camps of people, who write four replies between them. What is known: how they all write. */
export interface TwoCampsWorld {
  /** The tree of replies of at most three words, with its words. */
  readonly task: PersonsWorld["task"];
  /** What the camps write: the first camp 55 %, the second 45 %; in each 60 % the plain one, 40 % the strong one. */
  readonly replies: readonly { text: string; camp: number; reply: number }[];
  /** log p of every reply, [259]. */
  readonly people: Float64Array;
}

const CAMPS = [
  { share: 0.55, texts: ["good whale", "very good whale"] },
  { share: 0.45, texts: ["bad sea", "very bad sea"] },
];

/**
 * People of two camps: 55 % write about a good whale, 45 % about a bad sea; a share `blind` writes any of the 259
 * replies. A policy that cannot remember what it has written must mix the camps or leave one out. Lessons: 22.
 * @throws DomainError unless 0 < blind < 1: without it some replies are impossible
 */
export function twoCampsWorld({ blind = 0.03 } = {}): TwoCampsWorld {
  checkShare("blind", blind);
  if (blind === 0 || blind === 1) throw new DomainError(complaint("blind", "a share above 0 and below 1", blind));
  const { task, reply } = personsWorld();
  const N = task.tree.sequences.length;
  const people = new Float64Array(N).fill(blind / N);
  const replies = CAMPS.flatMap(({ share, texts }, camp) =>
    texts.map((text, strong) => {
      people[reply(text)] += (1 - blind) * share * (strong === 0 ? 0.6 : 0.4);
      return { text, camp, reply: reply(text) };
    }),
  );
  return { task, replies, people: people.map(Math.log) };
}
