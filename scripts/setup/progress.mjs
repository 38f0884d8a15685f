// What set-up is doing: one line per step, redrawn on a terminal, plain lines in a log.

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const STILL = 20_000; // ms between signs of life in a log

const seconds = (ms) =>
  ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

/**
 * Shows a step until it is done.
 * @param {string} name
 * @param {string} doing what the step does, in a few words
 * @param {NodeJS.WriteStream} [stream]
 * @returns {{ doing(what: string): void, done(note?: string): void, warn(note: string): void, failed(): void }}
 */
export function showStep(name, doing, stream = process.stderr) {
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const label = name.padEnd(15);
  let what = doing;
  let frame = 0;

  const draw = () => {
    const text = ` ${FRAMES[frame++ % FRAMES.length]} ${label} ${what} (${seconds(elapsed())})`;
    stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 100) - 1)}`);
  };
  const live = Boolean(stream.isTTY);
  if (!live) stream.write(`   ${label} ${what} ...\n`);
  const timer = setInterval(
    live ? draw : () => stream.write(`   ${label} still: ${what} (${seconds(elapsed())})\n`),
    live ? 100 : STILL,
  );

  const end = (mark, note) => {
    clearInterval(timer);
    stream.write(`${live ? "\r\x1b[K" : ""} ${mark} ${label} ${note} (${seconds(elapsed())})\n`);
  };
  return {
    doing(text) {
      if (text === what) return;
      what = text;
      if (!live) stream.write(`   ${label} ${what} ...\n`);
    },
    done: (note = doing) => end("✓", note),
    warn: (note) => end("!", note),
    failed: () => end("✗", what),
  };
}
