import { notebookHost } from "../core/index.js";
import { describe, type Figure } from "./figure.js";
import { houseTemplate } from "./style.js";

/** The mime type that JupyterLab's renderer draws. */
export const figureMime = "application/vnd.plotly.v1+json";

/** A figure on the page. */
export interface FigureHandle {
  /** Draws another figure in its place, e.g. a learning curve that grows; from the same cell or a later one. */
  update(figure: Figure): void;
}

/**
 * Shows a figure below the cell. In a terminal it prints the figure's description.
 * @example
 * const live = show(line({ ... }));
 * for (const step of progress(100)) live.update(line({ ... }));
 * @throws ShapeError if it is no figure
 */
export function show(figure: Figure): FigureHandle {
  const displayId = crypto.randomUUID();
  const host = notebookHost();
  if (host) host.display(bundle(figure), { displayId });
  else console.log(describe(figure));
  const handle = {
    // For the kernel: a cell that ends in show(...) has nothing more to say.
    [Symbol.for("rlhf-lab.mime")]: {},
    update: (next: Figure) => notebookHost()?.display(bundle(next), { displayId, update: true }),
  };
  return handle;
}

/** A figure as Jupyter carries it: drawn where plotly is known, described where it is not. */
function bundle(figure: Figure): Record<string, unknown> {
  const words = describe(figure);
  const layout = { template: houseTemplate, ...figure.layout };
  return { [figureMime]: plain({ data: figure.data, layout }), "text/plain": words };
}

/** JSON as plotly wants it: typed arrays as arrays, NaN and infinities as null. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) =>
      ArrayBuffer.isView(item) && !(item instanceof DataView)
        ? Array.from(item as unknown as ArrayLike<unknown>)
        : item,
    ),
  );
}
