export * from "./backboneLab.js";
export type { BackboneRecord } from "./measure.js";
