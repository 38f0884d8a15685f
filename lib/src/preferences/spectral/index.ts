export * from "./luceSpectralRanking.js";
export * from "./rankCentrality.js";
export type { SpectralOptions } from "./rates.js";
export * from "./stationary.js";
