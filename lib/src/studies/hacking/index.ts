export * from "./auditStudy.js";
export * from "./detectionStudy.js";
export * from "./mitigation.js";
export * from "./moodTables.js";
export * from "./overoptimisationStudy.js";
export * from "./phraseProxy.js";
