export { BytePairTokenizer } from "./bytePair.js";
export * from "./bytes.js";
export * from "./character.js";
export * from "./tokenAutomaton.js";
export * from "./tokenIds.js";
export * from "./tokenizer.js";
export * from "./tokenizerJSON.js";
export * from "./words.js";
