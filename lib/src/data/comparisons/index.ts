export type { ByteSource } from "./bytes.js";
export { comparisonFromFields, type Message, renderMessages, type TextComparison } from "./layouts.js";
export {
  type ComparisonReader,
  loadComparisons,
  type ReadOptions,
  type ReadReport,
  readComparisons,
} from "./read.js";
export { writeComparisons } from "./write.js";
