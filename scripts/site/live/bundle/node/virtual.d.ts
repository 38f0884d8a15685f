declare module "virtual:datasets" {
  const datasets: Record<string, string>;
  export default datasets;
}
declare module "highs/runtime" {
  const url: string;
  export default url;
}
