import {
  type DisplayOptions,
  InterruptError,
  type MimeBundle,
  type NotebookHost,
  setNotebookHost,
} from "rlhf-lab/core";
import type { Report } from "../messages.js";
import { currentCell } from "./cell.js";

/** The kernel's side of core/host.ts: figures, questions to the learner, and the signal that an interrupt aborts. */
export class KernelHost implements NotebookHost {
  readonly #report: (report: Report) => void;
  /** See NotebookHost; the runner knows. */
  replacementThatFailed: NotebookHost["replacementThatFailed"];
  /** Where checks are written down: progress.ts. */
  keep: NotebookHost["keep"];
  kept: NotebookHost["kept"];
  readonly #questions = new Map<number, { resolve(value: string): void; reject(error: Error): void }>();
  readonly #idle = new AbortController().signal;
  #count = 0;

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  install(): void {
    setNotebookHost(this);
    const prompt = (question = "", options?: { password?: boolean }) => this.prompt(String(question), options);
    Object.assign(globalThis, { prompt });
  }

  get interrupt(): AbortSignal {
    return currentCell()?.signal ?? this.#idle;
  }

  display(bundle: MimeBundle, { displayId, update, metadata }: DisplayOptions = {}): void {
    const cell = currentCell();
    if (cell?.silent) return;
    this.#report({ type: "display", cell: cell?.id ?? 0, bundle, metadata, displayId, update });
  }

  prompt(question: string, options: { password?: boolean } = {}): Promise<string> {
    const cell = currentCell();
    this.#count += 1;
    const id = this.#count;
    const answer = new Promise<string>((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      cell?.signal.addEventListener("abort", () => reject(new InterruptError("The cell was interrupted.")), {
        once: true,
      });
    });
    this.#report({ type: "input", cell: cell?.id ?? 0, id, question, password: options.password ?? false });
    return answer.finally(() => this.#questions.delete(id));
  }

  /** The learner's answer, or why there will be none. */
  answer(id: number, value: string | undefined, failure: string | undefined): void {
    const question = this.#questions.get(id);
    if (failure === undefined) question?.resolve(value ?? "");
    else question?.reject(new Error(failure));
  }

  /**
   * Makes `import { display } from "tslab"` show things here: it writes to a function that its
   * own kernel would have set.
   */
  adoptTslabDisplay(jupyter: { lastWriteDisplayData?: (content: TslabDisplay, update?: boolean) => void }): void {
    jupyter.lastWriteDisplayData = ({ data, metadata, transient }, update) =>
      this.display(data, { metadata, displayId: transient?.display_id, update: update === true });
  }
}

interface TslabDisplay {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient?: { display_id?: string };
}
