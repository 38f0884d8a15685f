export * from "./bytepair.js";
export * from "./bytes.js";
export * from "./character.js";
export * from "./tokenizer.js";
export * from "./tokenizer-json.js";
