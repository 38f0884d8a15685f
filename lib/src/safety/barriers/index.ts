export * from "./barrierFilter.js";
export * from "./brakeBeforeWall.js";
export * from "./cruiseControl.js";
export * from "./discreteBarrierFilter.js";
export * from "./highOrderBarrier.js";
export * from "./smallestBarrier.js";
