import type { CirlGame } from "../alignment/index.js";
import { checkCount } from "../core/checks.js";
import { linspace } from "../numerics/index.js";

export interface PaperclipGame extends CirlGame {
  /** What a paperclip is worth; a staple is worth the rest, 1 - theta. The middles of as many equal cells of [0, 1]. */
  readonly thetas: Float64Array;
  /** [paperclips, staples] of each human and of each robot action. */
  readonly human: readonly (readonly [number, number])[];
  readonly robot: readonly (readonly [number, number])[];
  /** What the person would do alone: most worth of their own, [thetas]. */
  readonly alone: Int32Array;
}

/**
 * Paperclips and staples (Hadfield-Menell et al. 2016, arXiv:1606.03137, section 4): theta, what paperclips are worth,
 * is uniform on [0, 1] and known to the person only. The person makes two things (2 paperclips, one of each, or 2
 * staples), the robot, who sees it, 90 of one kind or 50 of each. With 828 cells the borders of all best answers fall
 * between cells, so that means over cells are the integrals. `mixes` gives the robot that many mixes on a quarter
 * circle of radius 90 instead. Lesson 15.
 * @example cirlOneShot(paperclipsAndStaples()).value // 69.2717
 */
export function paperclipsAndStaples({ cells = 828, mixes }: { cells?: number; mixes?: number } = {}): PaperclipGame {
  checkCount("cells", cells);
  const human = [
    [2, 0],
    [1, 1],
    [0, 2],
  ] as const;
  const quarter = (n: number) =>
    linspace(0, Math.PI / 2, n).map((angle) => [90 * Math.cos(angle), 90 * Math.sin(angle)] as const);
  const robot =
    mixes === undefined
      ? ([
          [90, 0],
          [50, 50],
          [0, 90],
        ] as const)
      : quarter(mixes);
  const thetas = Float64Array.from({ length: cells }, (_, i) => (i + 0.5) / cells);
  const worth = (theta: number, [clips, staples]: readonly [number, number]) => theta * clips + (1 - theta) * staples;
  const payoff = Array.from(thetas, (theta) =>
    human.map((own) => Float64Array.from(robot, (other) => worth(theta, own) + worth(theta, other))),
  );
  const alone = Int32Array.from(thetas, (theta) => (theta > 0.5 ? 0 : 2));
  return { prior: thetas.map(() => 1 / cells), payoff, thetas, human, robot, alone };
}
