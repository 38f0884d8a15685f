export * from "./critiqueRevise.js";
