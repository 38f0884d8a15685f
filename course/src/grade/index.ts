// What a notebook needs. The grader (lib/src/grade/grader) is not reachable from here.
export { CheckError, CheckResult, check } from "./check.js";
