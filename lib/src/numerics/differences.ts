/**
 * The gradient by central differences, (f(x + h e_i) - f(x - h e_i)) / 2h: the independent witness for every gradient
 * that was derived by hand. Accurate to about 1e-9 of f's size for smooth f near 1.
 */
export function differenceGradient(f: (x: number[]) => number, x: ArrayLike<number>, h = 1e-5): number[] {
  return Array.from(x, (_, i) => {
    const up = Array.from(x);
    const down = Array.from(x);
    up[i] += h;
    down[i] -= h;
    return (f(up) - f(down)) / (up[i] - down[i]);
  });
}

/** The matrix of second derivatives by central differences of a gradient: row i holds d gradient / d x_i. */
export function differenceHessian(
  gradient: (x: number[]) => ArrayLike<number>,
  x: ArrayLike<number>,
  h = 1e-5,
): number[][] {
  return Array.from(x, (_, i) => {
    const up = Array.from(x);
    const down = Array.from(x);
    up[i] += h;
    down[i] -= h;
    const above = gradient(up);
    const below = gradient(down);
    return Array.from(x, (_, j) => (above[j] - below[j]) / (up[i] - down[i]));
  });
}
