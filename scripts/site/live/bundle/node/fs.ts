// The disk of a page: the small tables of datasets/, which come with the data door.
import datasets from "virtual:datasets";

const nameOf = (place: string | URL) => String(place).replace(/^.*\//, "");

export const existsSync = (place: string | URL): boolean => /datasets\/?$/.test(String(place));

export function readFileSync(place: string | URL): string {
  const text = datasets[nameOf(place)];
  if (text === undefined) throw new Error(`there is no file ${place} in this page: open the lesson in JupyterLab`);
  return text;
}
