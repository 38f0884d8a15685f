import type { SingleBar } from "cli-progress";
import { notebookHost } from "../core/index.js";
import { escapeHtml } from "./html.js";

export interface ProgressState {
  label: string;
  total: number | undefined;
  count: number;
  seconds: number;
  notes: Record<string, number | string>;
  /** How it ended, once it has. */
  ended: "done" | "stopped" | undefined;
}

/** Where progress is shown. draw() may be called for every step: the sink decides which ones to show. */
export interface ProgressSink {
  draw(state: ProgressState): void;
}

/** A bar in the notebook, a bar on a terminal, lines in a log. */
export function openProgressSink(): ProgressSink {
  if (notebookHost()) return new NotebookSink();
  const cli = process.stderr.isTTY ? cliProgress() : undefined;
  return cli === undefined ? new LogSink() : new TerminalSink(cli);
}

/** "37/100 (37 %), 12/s, 5 s left, loss 0.31" */
export function progressWords(state: ProgressState): string {
  const { count, total, seconds, ended } = state;
  const share = total === undefined || total === 0 ? "" : ` (${Math.floor((100 * count) / total)} %)`;
  const parts = [`${short(count)}${total === undefined ? "" : `/${total}`}${share}`];
  const rate = count / seconds;
  if (count > 0 && Number.isFinite(rate)) parts.push(rate >= 1 ? `${short(rate)}/s` : `${duration(1 / rate)} each`);
  if (ended) parts.push(`${ended === "done" ? "in" : "stopped after"} ${duration(seconds)}`);
  else if (total !== undefined && count > 0) parts.push(`${duration(((total - count) * seconds) / count)} left`);
  for (const [name, value] of Object.entries(state.notes)) {
    parts.push(`${name} ${typeof value === "number" ? String(Number(value.toPrecision(4))) : value}`);
  }
  return parts.join(", ");
}

const short = (value: number) => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));

/** 0.52 s, 12 s, 3 min 5 s, 2 h 10 min */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const EVERY = 100; // ms between two drawings

class NotebookSink implements ProgressSink {
  readonly #displayId = crypto.randomUUID();
  #last = -Infinity;

  draw(state: ProgressState): void {
    const now = performance.now();
    if (!state.ended && now - this.#last < EVERY) return;
    const update = this.#last > -Infinity;
    this.#last = now;
    const words = progressWords(state);
    const label = state.label ? `${state.label}: ` : "";
    const bar =
      state.total === undefined && !state.ended
        ? ""
        : ` value="${state.count}" max="${state.total || state.count || 1}"`;
    notebookHost()?.display(
      {
        "text/html": `<div><progress${bar} style="width: 16em; vertical-align: middle"></progress> ${escapeHtml(label + words)}</div>`,
        "text/plain": label + words,
      },
      { displayId: this.#displayId, update },
    );
  }
}

/** What draws bars on a terminal; without it, lines will do. */
function cliProgress(): CliProgress | undefined {
  try {
    // Only here, where there is a terminal: a browser has no node:module.
    return process.getBuiltinModule("node:module").createRequire(import.meta.url)("cli-progress");
  } catch {
    return undefined;
  }
}

type CliProgress = typeof import("cli-progress");

class TerminalSink implements ProgressSink {
  readonly #cli: CliProgress;
  #bar: SingleBar | undefined;
  #last = -Infinity;

  constructor(cli: CliProgress) {
    this.#cli = cli;
  }

  draw(state: ProgressState): void {
    const now = performance.now();
    if (!state.ended && now - this.#last < EVERY) return;
    this.#last = now;
    const total = state.total ?? 0;
    const payload = { words: progressWords(state), label: state.label && `${state.label} ` };
    if (!this.#bar) {
      const format = total > 0 ? "{label}{bar} {words}" : "{label}{words}";
      const options = {
        format,
        stream: process.stderr,
        hideCursor: true,
        barsize: 30,
        gracefulExit: true,
        autopadding: false,
      };
      this.#bar = new this.#cli.SingleBar({ ...options, fps: 20, emptyOnZero: true }, this.#cli.Presets.shades_classic);
      this.#bar.start(total, state.count, payload);
    }
    this.#bar.update(state.count, payload);
    if (state.ended) this.#bar.stop();
  }
}

/**
 * One line for each tenth, but not more than one a second; at least one in ten seconds; one at the
 * end. Under a second: silent.
 */
class LogSink implements ProgressSink {
  #last = 0; // seconds
  #tenth = 0;

  draw(state: ProgressState): void {
    const since = state.seconds - this.#last;
    const tenth = state.total ? Math.floor((10 * state.count) / state.total) : 0;
    const wait = state.ended ? (this.#last > 0 ? 0 : 1) : tenth > this.#tenth ? 1 : 10;
    if (since < wait) return;
    this.#last = state.seconds;
    this.#tenth = tenth;
    process.stderr.write(`${state.label ? `${state.label}: ` : ""}${progressWords(state)}\n`);
  }
}
