// The index of the search: pagefind reads the pages and writes it beside them, in pieces that a page loads as it
// needs them.
import { join } from "node:path";
import * as pagefind from "pagefind";

/**
 * Indexes what stands in the pages' <main data-pagefind-body>. Returns how many pages were read.
 * @throws Error with pagefind's words
 */
export async function writeSearchIndex(site: string): Promise<number> {
  const { index, errors } = await pagefind.createIndex({
    excludeSelectors: ["pre", "figure", ".outputs", "annotation"],
  });
  try {
    if (index === undefined) throw new Error(errors.join("\n"));
    const read = await index.addDirectory({ path: site, glob: "*.html" });
    const written = await index.writeFiles({ outputPath: join(site, "pagefind") });
    const faults = [...read.errors, ...written.errors];
    if (faults.length > 0) throw new Error(`The search index could not be written: ${faults.join("; ")}`);
    return read.page_count;
  } finally {
    await pagefind.close();
  }
}
