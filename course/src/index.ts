// What a notebook needs of the course: import { check } from "rlhf-lab-course". All that it teaches is in rlhf-lab.
export { CheckError, CheckResult, check } from "./grade/index.js";
export { solved } from "./progress/solved.js";
