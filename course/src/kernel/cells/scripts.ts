import { SourceMap } from "node:module";
import type { EditedText } from "./edits.js";

/**
 * The cells that have been compiled, so that a stack can speak of the learner's own lines. A cell is compiled in two
 * passes (TypeScript to ES module, ES module to CommonJS), so a position goes back through two source maps.
 */
export class Scripts {
  readonly #scripts = new Map<string, Script>();

  add(name: string, script: Script): void {
    this.#scripts.set(name, script);
  }

  has(name: string): boolean {
    return this.#scripts.has(name);
  }

  /** The last cell of this label: cells that are not stored share a number. */
  labelled(label: string): Script | undefined {
    return [...this.#scripts.values()].findLast((script) => script.label === label);
  }

  /** The place in the learner's text, counted from 1, of a place in the code that ran, counted from 1. */
  locate(name: string, atLine: number, atColumn: number): Place | undefined {
    const script = this.#scripts.get(name);
    if (script === undefined) return undefined;
    if (atLine > script.lines) return undefined;
    script.decoded ??= script.maps.map((text) => new SourceMap(JSON.parse(text)));
    let at = { line: atLine - 1, column: atColumn - 1 - (atLine === 1 ? script.wrapper : 0) };
    for (const map of script.decoded) {
      const entry = map.findEntry(at.line, Math.max(0, at.column)) as {
        originalLine?: number;
        originalColumn?: number;
      };
      if (entry.originalLine === undefined || entry.originalColumn === undefined) return undefined;
      at = { line: entry.originalLine, column: entry.originalColumn };
    }
    const line = at.line - script.linesBefore;
    if (line < 0) return undefined;
    const place = script.text.place(line, at.column);
    return { label: script.label, line: place.line + 1, column: place.character + 1, source: script.text.source };
  }
}

export interface Script {
  /** How a learner calls it: "cell 12". */
  label: string;
  text: EditedText;
  /** Source maps from the code that ran back to the source, the last pass first. */
  maps: string[];
  /** Lines of the code that ran; beyond them there is only the executor's own call. */
  lines: number;
  /** Lines that tslab's converter puts before the source. */
  linesBefore: number;
  /** Characters that tslab's executor puts before the first line. */
  wrapper: number;
  decoded?: SourceMap[];
}

export interface Place {
  label: string;
  line: number;
  column: number;
  source: string;
}
