export * from "./countSpellings.js";
export { type ExactShield, exactShield } from "./exactShield.js";
export * from "./forbiddenPhrases.js";
export * from "./maskedPolicy.js";
