export * from "./expectationPropagation.js";
export * from "./laplace.js";
export {
  credibleIntervals,
  type Posterior,
  type PosteriorOptions,
  predictiveProbability,
  probabilityBetter,
} from "./posterior.js";
