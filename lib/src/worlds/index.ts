// Small worlds whose true utility is known. The ones that read a book are behind worlds/text.
export * from "./distinctLetters.js";
export * from "./drafts.js";
export * from "./harbour.js";
export * from "./itemComparisons.js";
export * from "./lengths.js";
export * from "./limitOnLine.js";
export * from "./phraseComparisons.js";
export * from "./phraseKinds.js";
export * from "./phraseStepFeatures.js";
export * from "./phrases.js";
export * from "./phraseTokenRewards.js";
export * from "./probes.js";
export * from "./selfPlayGames.js";
export * from "./sphereComparisons.js";
