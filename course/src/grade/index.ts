// What a notebook needs. The grader (course/src/grade/grader) is not reachable from here.
export { CheckError, CheckResult, check } from "./check.js";
