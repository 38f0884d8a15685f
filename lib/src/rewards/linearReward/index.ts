export * from "./fit.js";
export { covariance, gradient, hessian, loss, margins, matrixNorm, type Penalty, rewards } from "./loss.js";
