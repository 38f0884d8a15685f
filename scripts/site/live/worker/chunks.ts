/**
 * The pieces of the library that are here. A piece comes as text, since a page that was opened from a folder can
 * neither import modules nor start a worker from a file; it is CommonJS, and runs when it is first asked for.
 */
export class Chunks {
  readonly #texts = new Map<string, string>();
  readonly #modules = new Map<string, { exports: unknown }>();
  readonly #loading = new Map<string, Promise<unknown>>();

  /** @param want asks for a piece; gives its text and those of the pieces that it needs, by name */
  constructor(readonly want: (name: string) => Promise<Record<string, string>>) {}

  /** What a piece exports. */
  load(name: string): Promise<unknown> {
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = this.#load(name);
      this.#loading.set(name, loading);
      loading.catch(() => this.#loading.delete(name)); // perhaps the network is there again
    }
    return loading;
  }

  async #load(name: string): Promise<unknown> {
    if (!this.#modules.has(name)) {
      for (const [each, text] of Object.entries(await this.want(name))) this.#texts.set(each, text);
    }
    return this.#require(name);
  }

  #require(name: string): unknown {
    const there = this.#modules.get(name);
    if (there !== undefined) return there.exports;
    const text = this.#texts.get(name);
    if (text === undefined) throw new Error(`the piece ${name} of the page is not here`);
    const module = { exports: {} };
    this.#modules.set(name, module);
    this.#texts.delete(name);
    // biome-ignore lint/security/noGlobalEval: the page's own script, which a worker from a folder cannot import
    const run = globalThis.eval(`(function (module, exports, require, $load) {${text}\n})\n//# sourceURL=${name}`);
    run(
      module,
      module.exports,
      (path: string) => this.#require(nameOf(path)),
      (path: string) => this.load(nameOf(path)),
    );
    return module.exports;
  }
}

/** "./chunk-AB12.js" -> "chunk-AB12" */
const nameOf = (path: string) => path.replace(/^.*\//, "").replace(/\.js$/, "");
