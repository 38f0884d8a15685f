// How the numbers of an erratum are told, on the terminal and on the site's page.
import type { Numbers } from "rlhf-lab/errata";

export const verdicts = ["wrong", "incomplete", "unsupported", "right"] as const;

const digits = (x: number) => String(Number(x.toPrecision(4)));

/** "rewards 1 and 0: 0.7311; both rewards + 7: 0.7311" */
export const inWords = (numbers: Numbers): string =>
  Object.entries(numbers)
    .map(([what, x]) => `${what}: ${digits(x)}`)
    .join("; ");
