export {
  chosenDemonstrations,
  readDemonstrations,
  readPrompts,
  readUnpairedPreferences,
  type TextDemonstration,
  type UnpairedPreference,
  unpair,
} from "./answers.js";
export type { ByteSource } from "./bytes.js";
export { comparisonFromFields, type Message, renderMessages, type TextComparison } from "./layouts.js";
export {
  type ComparisonReader,
  loadComparisons,
  type ReadOptions,
  type ReadReport,
  readComparisons,
} from "./read.js";
export {
  type WriteOptions,
  writeComparisons,
  writeDemonstrations,
  writePrompts,
  writeUnpairedPreferences,
} from "./write.js";
