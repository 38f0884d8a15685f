export * from "./reinforce.js";
