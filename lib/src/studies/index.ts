// The experiments of the neural lessons, built from topics, models and trainers.
export * from "./backbones/index.js";
export * from "./feedbackSource.js";
export * from "./frontDesk/index.js";
export * from "./hacking/index.js";
export * from "./inside/index.js";
export * from "./lettersTrial.js";
export * from "./phrasePupil.js";
export * from "./phraseTrial.js";
export * from "./pipeline/index.js";
export * from "./ppoNetwork.js";
export * from "./safePhrases.js";
export * from "./safety/index.js";
export * from "./selfplay/index.js";
export * from "./uncertainty/index.js";
