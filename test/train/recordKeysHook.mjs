// Loads random/key.ts with a word to `keyUse` at the beginning of the three functions that use a key.
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!/\/lib\/src\/random\/key\.ts(\?|$)/.test(url)) return loaded;
  let source = String(loaded.source);
  for (const name of ["randomBits", "foldIn", "split"]) {
    const head = new RegExp(`function ${name}\\((\\w+)[^)]*\\)\\s*\\{`);
    if (!head.test(source)) throw new Error(`random/key.ts has no function ${name} that looks as expected`);
    source = source.replace(head, (text, key) => `${text}globalThis.keyUse?.("${name}", ${key});`);
  }
  return { ...loaded, source };
}
