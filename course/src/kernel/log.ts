/**
 * Complaints for whoever reads Jupyter's log. A flood of them would fill a pipe that nobody
 * reads, and writing would wait.
 */
const MOST = 200;

let written = 0;

// Whoever read our complaints may have gone; that is no reason to end.
process.stderr.on("error", () => {});

/** Writes one line to Jupyter's log; after the first 200 it says no more. */
export function log(text: string): void {
  written += 1;
  if (written <= MOST) console.error(`rlhf-lab kernel: ${text.slice(0, 500)}`);
}
