export * from "./chiSquareOptimum.js";
export { bestOfNDivergences, chiSquareDivergence, renyiInfinity } from "./divergences.js";
export { optimisers, tiltAtKl, tiltUpToKl } from "./equalKl.js";
export * from "./proxyPath.js";
export * from "./quantiliser.js";
