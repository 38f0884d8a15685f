/** As many rows as one call writes or reads, at most: one number, so that all stages share the graph of its shape. */
export const rowsPerCall = 128;
