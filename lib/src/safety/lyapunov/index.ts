export * from "./certifyLevel.js";
export { checkLyapunov, type LyapunovViolation } from "./checkLyapunov.js";
export * from "./counterexampleLyapunov.js";
export { discreteLyapunov, discreteRiccati } from "./discreteLyapunov.js";
export * from "./lyapunovFor.js";
export {
  gradientBound,
  linearLevel,
  type PendulumOptions,
  type PendulumState,
  pendulum,
  valueChange,
} from "./pendulum.js";
export * from "./safePolicyImprovement.js";
