/**
 * The names that a cell gives a value at its top level: functions, classes and variables it declares, variables it
 * assigns. Read off the beginnings of lines rather than parsed, because it is asked of cells that the compiler has
 * refused: a brace that is missing would put all that follows into the function before it.
 */
export function writtenNames(code: string): string[] {
  return [...code.matchAll(WRITTEN)].map(([, declared, assigned]) => (declared ?? assigned)!);
}

const NAME = "([\\p{L}_$][\\p{L}\\p{N}_$]*)";
const DECLARED = `(?:export +)?(?:default +)?(?:async +)?(?:function[ *]+|class +|const +|let +|var +)${NAME}`;
const WRITTEN = new RegExp(`^(?:${DECLARED}|${NAME} *=(?![=>]))`, "gmu");
