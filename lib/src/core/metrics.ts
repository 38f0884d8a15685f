/** What one step reports: numbers by name, "loss" and whatever else. */
export type Metrics = { readonly [name: string]: number };

/** One line of a run's history. `step` counts from 1; `seconds` is the time since this process began training. */
export type MetricsRecord = { readonly step: number; readonly seconds: number } & Metrics;
