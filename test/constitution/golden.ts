import { goldenCases } from "../goldenCases.js";

export const golden = goldenCases("constitution.json");
