export * from "./chiSquareOptimum.js";
export { bestOfNDivergences, chiSquareDivergence, renyiInfinity } from "./divergences.js";
export { optimisers, tiltAtKl } from "./equalKl.js";
export * from "./proxyPath.js";
export * from "./quantiliser.js";
