export * from "./lattice.js";
export * from "./viabilityKernel.js";
