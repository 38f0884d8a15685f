// What a reader has written, in the browser: a page that is closed, or loaded again, loses nothing. A text is found
// again by the text that it replaces, so that a lesson may change around it.

const keyOf = (lesson: string) => `rlhf-lab:written:${lesson}`;

/** The lesson's text of a cell -> the reader's. */
export function written(lesson: string): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(lesson)) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, string>) : {};
  } catch {
    return {}; // the browser keeps nothing, or something else
  }
}

/** @param text undefined if it is the lesson's own again */
export function keep(lesson: string, original: string, text: string | undefined): void {
  const { [original]: _, ...others } = written(lesson);
  const all = text === undefined ? others : { ...others, [original]: text };
  try {
    if (Object.keys(all).length === 0) localStorage.removeItem(keyOf(lesson));
    else localStorage.setItem(keyOf(lesson), JSON.stringify(all));
  } catch {
    // It is full, or forbidden: the page works without.
  }
}
