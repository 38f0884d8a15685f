import type * as tsModule from "@tslab/typescript-for-tslab";
import type { Question } from "../messages.js";
import type { CellConverter } from "./converter.js";

/**
 * Completion, inspection and "is this cell complete?", as the protocol's replies. Positions count code
 * points, as Jupyter's do.
 */
export function answer(question: Question, converter: CellConverter): Record<string, unknown> {
  if (question.kind === "complete") return complete(question.code, question.position, converter);
  if (question.kind === "inspect") return inspect(question.code, question.position, converter);
  return isComplete(question.code, converter.typescript.ts);
}

function complete(code: string, position: number, converter: CellConverter) {
  const at = toUnits(code, position);
  const { start, end, candidates, original } = converter.complete(code, at);
  const kinds = new Map(original?.entries?.map((entry) => [entry.name, entry.kind]));
  const matches = candidates.slice(0, 1000);
  const [from, to] = [toPoints(code, start), toPoints(code, end)];
  return {
    status: "ok",
    matches,
    cursor_start: from,
    cursor_end: Math.max(to, position),
    metadata: {
      _jupyter_types_experimental: matches
        .slice(0, 200)
        .map((text) => ({ text, type: kinds.get(text) ?? "", start: from, end: Math.max(to, position) })),
    },
  };
}

function inspect(code: string, position: number, converter: CellConverter) {
  // A cursor right after a name, or after "f(", asks for that name.
  const at = toUnits(code, position);
  const before = /[\w$]*[^\w$]?$/.exec(code.slice(0, at))?.[0].length ?? 0;
  const info = [at, at - 1, at - before]
    .filter((place) => place >= 0 && place <= code.length)
    .map((place) => converter.inspect(code, place))
    .find((found) => found !== undefined);
  if (info === undefined) return { status: "ok", found: false, data: {}, metadata: {} };
  const signature = (info.displayParts ?? []).map((part) => part.text).join("");
  const documentation = (info.documentation ?? []).map((part) => part.text).join("");
  const tags = (info.tags ?? []).map(({ name, text }) => ({
    name,
    text: (text ?? []).map((part) => part.text).join(""),
  }));
  const plain = [signature, documentation, tags.map(({ name, text }) => `@${name} ${text}`.trim()).join("\n")];
  const markdown = [
    `\`\`\`typescript\n${signature}\n\`\`\``,
    documentation,
    tags.map(({ name, text }) => `- *@${name}* ${text}`.trim()).join("\n"),
  ];
  const join = (parts: string[]) => parts.filter((part) => part !== "").join("\n\n");
  return {
    status: "ok",
    found: true,
    data: { "text/plain": join(plain), "text/markdown": join(markdown) },
    metadata: {},
  };
}

/**
 * Parse errors at the end of the text mean that more is to come; any other parse error will not go away by typing on.
 */
function isComplete(code: string, ts: typeof tsModule): Record<string, unknown> {
  const file = ts.createSourceFile("cell.ts", `export {};${code}`, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const errors = (file as unknown as { parseDiagnostics: tsModule.DiagnosticWithLocation[] }).parseDiagnostics;
  if (errors.length === 0) return { status: "complete" };
  const end = file.text.trimEnd().length;
  const open = (error: tsModule.DiagnosticWithLocation) => error.start >= end || OPEN.has(error.code);
  if (!open(errors[0]!)) return { status: "invalid" };
  return { status: "incomplete", indent: indentAfter(code) };
}

/** Unterminated template literal, and unterminated block comment. */
const OPEN = new Set([1160, 1010]);

function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf("\n", code.trimEnd().length - 1) + 1).trimEnd();
  const indent = /^\s*/.exec(line)![0];
  return /[{([]$|=>$/.test(line) ? `${indent}  ` : indent;
}

/** Code points to UTF-16 units, and back. */
const toUnits = (text: string, points: number) => [...text].slice(0, points).join("").length;
const toPoints = (text: string, units: number) => [...text.slice(0, units)].length;
