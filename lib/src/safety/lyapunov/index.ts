export * from "./certifyLevel.js";
export * from "./certifyRegion.js";
export { checkLyapunov, type LyapunovViolation } from "./checkLyapunov.js";
export * from "./counterexampleLyapunov.js";
export { discreteLyapunov, discreteRiccati } from "./discreteLyapunov.js";
export * from "./enclosingLyapunov.js";
export * from "./lyapunovFor.js";
export {
  type Cell,
  gradientBound,
  linearLevel,
  type PendulumOptions,
  type PendulumState,
  pendulum,
  type Rectangle,
  valueChange,
} from "./pendulum.js";
export { type Polynomial, polynomialValue } from "./polynomial.js";
export * from "./safePolicyImprovement.js";
