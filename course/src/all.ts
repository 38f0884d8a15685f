// Every door that there was before lesson 11, the library's and the course's, flat: the one-word mend for a notebook
// that was begun before there were doors, or before check moved. Nothing is added here.
export * from "rlhf-lab/core";
export * from "rlhf-lab/data";
export * from "rlhf-lab/mdp";
export * from "rlhf-lab/models";
export * from "rlhf-lab/notebook";
export * from "rlhf-lab/numerics";
export * from "rlhf-lab/policy";
export * from "rlhf-lab/policy/tensor";
export * from "rlhf-lab/preferences";
export * from "rlhf-lab/random";
export * from "rlhf-lab/rewards";
export * from "rlhf-lab/rewards/tensor";
export * from "rlhf-lab/studies";
export * from "rlhf-lab/tensor";
export * from "rlhf-lab/tokenizers";
export * from "rlhf-lab/train";
export * from "rlhf-lab/trees";
export * from "rlhf-lab/worlds";
export * from "rlhf-lab/worlds/text";
export * from "./frame.js";
export * from "./grade/index.js";
export * from "./progress/solved.js";
