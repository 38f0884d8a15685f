declare module "virtual:datasets" {
  const datasets: Record<string, string>;
  export default datasets;
}
declare module "highs/runtime" {
  const bytes: Uint8Array;
  export default bytes;
}
