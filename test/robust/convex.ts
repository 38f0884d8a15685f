/** The least value of a convex function on [low, high], by thirds: an oracle for duals of one variable. */
export function leastOf(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 300; i++) {
    const [left, right] = [a + (b - a) / 3, b - (b - a) / 3];
    if (f(left) <= f(right)) b = right;
    else a = left;
  }
  return f((a + b) / 2);
}
