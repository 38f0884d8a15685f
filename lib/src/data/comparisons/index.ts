export {
  type AnswerOptions,
  chosenDemonstrations,
  readDemonstrations,
  readPrompts,
  readUnpairedPreferences,
  type TextDemonstration,
  type UnpairedPreference,
  unpair,
} from "./answers.js";
export type { ByteSource } from "./bytes.js";
export type { Columns, FieldName } from "./columns.js";
export { type EncodeComparisonsOptions, type EncodedComparisons, encodeComparisons } from "./encode.js";
export { comparisonFromFields, type TextComparison } from "./layouts.js";
export { type Message, renderMessages } from "./messages.js";
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
