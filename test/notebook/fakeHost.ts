import { type DisplayOptions, type MimeBundle, type NotebookHost, setNotebookHost } from "rlhf-lab";

export interface Shown {
  bundle: MimeBundle;
  options: DisplayOptions;
}

/** A notebook that keeps what it is shown; `interrupt()` is the learner's stop button. */
export function openHost() {
  const shown: Shown[] = [];
  const abort = new AbortController();
  const host: NotebookHost = {
    display: (bundle, options = {}) => shown.push({ bundle, options }),
    interrupt: abort.signal,
    prompt: async () => "",
  };
  return { shown, interrupt: () => abort.abort(), close: setNotebookHost(host) };
}
