import { whyNotLoaded } from "../../core/optionalPackage.js";
import { mobyDick } from "../../data/index.js";
import { sentencesOf } from "../../tokenizers/index.js";

/** What a checker of texts finds: from which letter to which, by which rule, and what to write instead. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly suggestions: readonly string[];
}

/**
 * A constitution for prose that is used in practice: the rules of retext-equality (words that may leave somebody out)
 * and retext-simplify (words that could be plainer), both under the MIT licence. Each finds places and suggests other
 * words; some rules only say "leave it out", which is no suggestion. Overlapping rules are both reported.
 * @throws MissingPackageError in words if one of the packages is not installed
 */
export async function houseStyle(): Promise<{ equality(text: string): Found[]; plain(text: string): Found[] }> {
  const from = <T>(name: string, loading: Promise<T>) =>
    loading.catch((error: unknown) => {
      throw whyNotLoaded(error, name, "the house style");
    });
  const [{ unified }, english, equality, simplify, { VFile }] = await Promise.all([
    from("unified", import("unified")),
    from("retext-english", import("retext-english")),
    from("retext-equality", import("retext-equality")),
    from("retext-simplify", import("retext-simplify")),
    from("vfile", import("vfile")),
  ]);
  const checker = (plugin: typeof equality.default | typeof simplify.default) => {
    const processor = unified()
      .use(english.default)
      .use(plugin as typeof equality.default);
    return (text: string): Found[] => {
      const file = new VFile(text);
      processor.runSync(processor.parse(file), file);
      return file.messages.flatMap(({ place, ruleId, expected }) => {
        if (place === undefined || !("start" in place)) return [];
        const [start, end] = [place.start.offset, place.end.offset];
        if (start === undefined || end === undefined || end <= start) return [];
        return [{ start, end, rule: String(ruleId), suggestions: expected ?? [] }];
      });
    };
  };
  return { equality: checker(equality.default), plain: checker(simplify.default) };
}

/** Every n-th sentence of Moby Dick with 6 to 25 words: what the house style is tried on. */
export function proseSentences(every = 10): string[] {
  const all = mobyDick().flatMap(({ text }) => sentencesOf(text));
  const short = all.filter((sentence) => {
    const words = sentence.trim().split(/\s+/).length;
    return words >= 6 && words <= 25;
  });
  return short.filter((_, i) => i % every === 0);
}
