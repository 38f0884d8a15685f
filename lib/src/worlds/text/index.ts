// Worlds out of a book, which Node reads.
export * from "./houseStyle.js";
export * from "./moodContinuation.js";
export * from "./moodPanels.js";
export * from "./moodTask.js";
export * from "./moodWriter.js";
