/** 1 if the whole text looks as asked, else 0: `pattern` has to match from the first to the last character. */
export function formatReward(text: string, pattern: RegExp): 0 | 1 {
  // A copy without g and y: those make a pattern remember where it stopped, and the same text would score 1, 0, 1, 0.
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gym]/g, ""));
  return whole.test(text) ? 1 : 0;
}

/** 1 if the text ends as a sentence does, with . ! or ? and perhaps a closing quotation mark or bracket; else 0. */
export function endsWithSentence(text: string): 0 | 1 {
  return /[.!?]["'”’)\]]*\s*$/.test(text) ? 1 : 0;
}
