/** A function called by name, as the rewritten cell calls it. */
const SESSION = /\$\.(?=[\p{L}_$])/gu;

/**
 * Makes an error speak of the cell as it was written: the frames of its stack are those in cells, each "cell 7:2:5"
 * (line and column), and no name is called `$.name`.
 */
export function readable(error: unknown): void {
  if (!(error instanceof Error)) return;
  try {
    const message = error.message.replace(SESSION, "");
    const frames = String(error.stack ?? "")
      .split("\n")
      .flatMap(frame);
    if (message !== error.message) error.message = message;
    error.stack = [`${error.name}: ${message}`, ...frames].join("\n");
  } catch {
    // A frozen error is shown as it is.
  }
}

/** "    at f (cell-7:2:5)" of V8 and "f@cell-7:2:5" of Firefox and Safari. */
function frame(line: string): string[] {
  const place = /\bcell-(\d+):(\d+):(\d+)/.exec(line);
  if (place === null) return [];
  const [, name = ""] = /^\s*(?:at (?:async )?([^ (]+) \(|([^@]*)@)/.exec(line) ?? [];
  const where = `cell ${place[1]}:${place[2]}:${place[3]}`;
  const called = name.replace(/^Object\.|^\$\./, "");
  return [called === "" || called === "eval" ? `    at ${where}` : `    at ${called} (${where})`];
}
