import { inspect } from "node:util";
import type { Bundle } from "../messages.js";

const MIME = Symbol.for("rlhf-lab.mime");

/** Text of a value longer than this is cut. */
const LONGEST = 1_000_000;

/**
 * A cell's last value as a mime bundle: what its `toMimeBundle()` or its `Symbol.for("rlhf-lab.mime")` says (a bundle,
 * or a function that makes one), else Node's inspect. There is always a text/plain, unless its own bundle is empty:
 * that value has nothing to show (a figure's handle, whose figure is on the page already).
 */
export async function mimeBundle(value: unknown): Promise<Bundle> {
  const rich = value as { [MIME]?: unknown; toMimeBundle?: unknown } | null;
  const isObject = (typeof rich === "object" || typeof rich === "function") && rich !== null;
  const own = isObject ? (rich[MIME] ?? rich.toMimeBundle) : undefined;
  const bundle = await (typeof own === "function" ? own.call(value) : own);
  if (typeof bundle !== "object" || bundle === null) return { "text/plain": plain(value) };
  if (Object.keys(bundle).length === 0) return {};
  return "text/plain" in bundle ? (bundle as Bundle) : { ...(bundle as Bundle), "text/plain": plain(value) };
}

/** A value as text: as its own class prints it, if it does (tensors, danfojs's tables), else Node's inspect. */
export function plain(value: unknown): string {
  const text = printed(value) ?? inspect(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} ... (${text.length} characters in all)` : text;
}

/**
 * What an object says of itself whose class has both `print()` and `toString()`. To inspect such an object shows how it
 * is kept (a tensor's `dataId`) and not what it holds. tfjs tells a tensor's shape and type if `toString` gets a true.
 */
function printed(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const own = value as { print?: unknown; toString: (verbose: boolean) => unknown };
  const prints = typeof own.print === "function" && !Object.hasOwn(own, "print");
  if (!prints || own.toString === Object.prototype.toString || Object.hasOwn(own, "toString")) return undefined;
  try {
    const text = own.toString(true);
    return typeof text === "string" ? text : undefined;
  } catch {
    // A tensor that has been disposed of has nothing to print.
    return undefined;
  }
}
