export * from "./agreement.js";
export {
  type Annotations,
  annotationsFromColumns,
  annotationsFromRows,
  type Consensus,
  type EmOptions,
  type EmReport,
  labelCounts,
} from "./annotations.js";
export * from "./consistency.js";
export * from "./crowdBradleyTerry.js";
export * from "./crowds.js";
export * from "./dawidSkene.js";
export * from "./glad.js";
export * from "./judgements.js";
export * from "./mace.js";
export * from "./noisyBradleyTerry.js";
export * from "./oneCoin.js";
export * from "./scaledBradleyTerry.js";
export * from "./scaledPlackettLuce.js";
export * from "./simulate.js";
export * from "./suspects.js";
export * from "./vote.js";
