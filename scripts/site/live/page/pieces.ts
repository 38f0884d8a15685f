/**
 * Pieces of the library, each a script that hands over its text: scripts are what a page from a folder may load as well
 * as one from a server.
 */
export class Pieces {
  readonly #texts = new Map<string, string>();
  readonly #loading = new Map<string, Promise<void>>();

  /** @param folder where the scripts are, with a slash at its end */
  constructor(
    readonly folder: string,
    readonly needs: Readonly<Record<string, readonly string[]>>,
  ) {}

  /** Called by the scripts. */
  take(name: string, text: string): void {
    this.#texts.set(name, text);
  }

  /**
   * The texts of a piece and of all that it cannot start without.
   * @throws Error if one cannot be loaded
   */
  async texts(name: string): Promise<Record<string, string>> {
    const all = new Set([name]);
    for (const each of all) for (const other of this.needs[each] ?? []) all.add(other);
    await Promise.all([...all].map((each) => this.#load(each)));
    return Object.fromEntries([...all].map((each) => [each, this.#texts.get(each)!]));
  }

  #load(name: string): Promise<void> {
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = this.#script(name);
      this.#loading.set(name, loading);
      loading.catch(() => this.#loading.delete(name)); // perhaps it is there the next time
    }
    return loading;
  }

  #script(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${this.folder}${name}.js`;
      const failure = new Error(
        `${script.src} could not be loaded: is the site's folder complete, and the server there?`,
      );
      script.onerror = () => reject(failure);
      script.onload = () => {
        script.remove();
        this.#texts.has(name) ? resolve() : reject(failure);
      };
      document.head.append(script);
    });
  }
}
