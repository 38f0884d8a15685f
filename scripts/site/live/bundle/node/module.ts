// The packages of a page: data packages, once their chunk is there.
const PACKAGES = Symbol.for("rlhf-lab.live.packages");

/** A `require` that finds the data packages, as functions that give what they hold. */
export const createRequire = () => (name: string) => {
  const data = (globalThis as { [PACKAGES]?: Record<string, unknown> })[PACKAGES]?.[name];
  if (data === undefined) throw new Error(`the package ${name} is not in this page: open the lesson in JupyterLab`);
  return () => data;
};
