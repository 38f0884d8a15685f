import { type GroupOptions, groupsOf, isConstant } from "./advantages.js";

/**
 * The rows [n] of the groups whose rewards are not all the same, in order: DAPO's dynamic sampling keeps these and
 * draws more prompts until the batch is full, since the others have advantages of 0 and only dilute it (Yu et al.
 * 2025, arXiv:2503.14476, section 3.2). It is no filter without consequences: prompts are then weighted by how
 * often their answers differ.
 * @throws as `groupAdvantages`
 */
export function informativeRows(rewards: ArrayLike<number>, { group }: GroupOptions): Int32Array {
  const rows: number[] = [];
  for (const [start, own] of groupsOf(rewards, group)) {
    if (!isConstant(own)) for (let i = 0; i < group; i++) rows.push(start + i);
  }
  return Int32Array.from(rows);
}
