import { goldenCases } from "../goldenCases.js";

export const golden = goldenCases("constraints.json");
