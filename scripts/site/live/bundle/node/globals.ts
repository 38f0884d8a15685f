// What the library looks up in Node's process, and finds nothing; and bytes.
export { Buffer } from "buffer";
export const process = {
  env: {} as Record<string, string>,
  stderr: { write: (text: string) => console.error(text.trimEnd()) },
};
