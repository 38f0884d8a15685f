import type { Report } from "./messages.js";

/**
 * A line from process 2 as a report, or undefined if it is none. Cells can write into that pipe too, by mistake or not,
 * and can replace what process 2 writes with: nothing in a line is taken on trust.
 */
export function parseReport(line: string): Report | undefined {
  let said: Fields;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isObject(said) && isReport(said) ? (said as unknown as Report) : undefined;
}

type Fields = Record<string, unknown>;

function isReport(said: Fields): boolean {
  switch (said.type) {
    case "ready":
      return true;
    case "stream":
      return isNumber(said.cell) && (said.name === "stdout" || said.name === "stderr") && isText(said.text);
    case "display":
      return (
        isNumber(said.cell) &&
        isObject(said.bundle) &&
        optional(said.metadata, isObject) &&
        optional(said.displayId, isText)
      );
    case "result":
      return isNumber(said.cell) && isObject(said.bundle) && isObject(said.metadata);
    case "error":
      return isNumber(said.cell) && isError(said.error);
    case "input":
      return isNumber(said.cell) && isNumber(said.id) && isText(said.question) && typeof said.password === "boolean";
    case "ends":
      return isText(said.why);
    case "answer":
      return isNumber(said.id) && optional(said.value, isObject);
    case "done":
      return (
        isNumber(said.cell) &&
        isObject(said.outcome) &&
        isObject(said.outcome.expressions) &&
        optional(said.outcome.error, isError)
      );
    default:
      return false;
  }
}

const isNumber = (value: unknown) => typeof value === "number";
const isText = (value: unknown) => typeof value === "string";
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const optional = (value: unknown, is: (value: unknown) => boolean) => value === undefined || is(value);

function isError(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.ename) &&
    isText(value.evalue) &&
    Array.isArray(value.traceback) &&
    value.traceback.every(isText)
  );
}
