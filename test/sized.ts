/** A size of a check: `npm run soak` asks for the full one, which takes minutes. */
export const sized = (usual: number, full: number): number => (process.env.RLHF_LAB_SOAK ? full : usual);
