/** The slope of a loss, measured, for comparison with a gradient. */

/**
 * Central difference of the loss over `step` in the direction of its supposed gradient; equals the gradient's
 * norm where the gradient is right. `values` are moved in place and put back.
 */
export async function slopeAlong(
  values: Float32Array,
  gradient: Float32Array,
  step: number,
  lossNow: () => Promise<number>,
): Promise<number> {
  const start = values.slice();
  const norm = Math.hypot(...gradient);
  const move = (by: number): void => {
    for (let i = 0; i < values.length; i++) values[i] = start[i] + (by * gradient[i]) / norm;
  };
  move(step);
  const above = await lossNow();
  move(-step);
  const below = await lossNow();
  values.set(start);
  return (above - below) / (2 * step);
}
