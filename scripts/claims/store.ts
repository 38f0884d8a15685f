// What has been observed already: a file a lesson in the project's state folder, so that neither a crash nor a second
// run loses a key. It counts only as long as the library, the data and the lesson's claims are what they were.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeFileAtomically } from "../../lib/src/tensor/atomicFile.js";
import { root } from "../master/course.js";
import { listFiles } from "../setup/stamp.mjs";
import type { Observation } from "./claim.js";

/** One key of one experiment. */
export interface Observed {
  experiment: string;
  key: number;
  seconds: number;
  /** What `run` returned, or why it did not. */
  observation?: Observation;
  error?: string;
}

export class Store {
  readonly #path: string;
  readonly #observed = new Map<string, Observed>();

  constructor(path: string, stamp: string, again = false) {
    this.#path = path;
    const [head, ...lines] = again || !existsSync(path) ? [] : readFileSync(path, "utf8").split("\n");
    const first = JSON.stringify({ stamp });
    if (head === first) for (const line of lines) this.#take(line);
    mkdirSync(dirname(path), { recursive: true });
    const known = [...this.#observed.values()].map((observed) => JSON.stringify(observed));
    writeFileAtomically(path, [Buffer.from([first, ...known, ""].join("\n"))]);
  }

  get(experiment: string, key: number): Observed | undefined {
    return this.#observed.get(`${key} ${experiment}`);
  }

  add(observed: Observed): void {
    appendFileSync(this.#path, `${JSON.stringify(observed)}\n`);
    this.#observed.set(`${observed.key} ${observed.experiment}`, observed);
  }

  #take(line: string): void {
    try {
      const observed: Observed = JSON.parse(line);
      if (observed.error === undefined) this.#observed.set(`${observed.key} ${observed.experiment}`, observed);
    } catch {
      // the last line of a run that was killed
    }
  }
}

/** A hash of all that a lesson's claims depend on. */
export function stampOf(claimsFile: string): string {
  const sum = createHash("sha256").update(process.version);
  const inputs = ["lib/src", "datasets", "scripts/claims/claim.ts", "package-lock.json"].map((path) =>
    join(root, path),
  );
  for (const path of [...inputs, claimsFile]) {
    for (const name of listFiles(path)) {
      const file = name === "" ? path : join(path, name);
      sum.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
    }
  }
  return sum.digest("hex");
}

/** NaN and infinities would come back as null, undefined not at all. */
export function refuseWhatJsonLoses(value: unknown, place: string): void {
  if (typeof value === "object" && value !== null) {
    if (ArrayBuffer.isView(value)) throw new TypeError(`${place} is a typed array: make it a list`);
    for (const [name, item] of Object.entries(value)) refuseWhatJsonLoses(item, `${place}.${name}`);
  } else if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
    throw new TypeError(`${place} is ${value}: an observation is made of finite numbers, texts, true and false`);
  }
}
