// Several runs, each with points of time of its own, on one axis.
import uPlot from "../vendor/uplot/uPlot.esm.js";

// tables: [[x, y, …], …], one for each run. Returns [x, y, …] with null or undefined where a run has no point.
export function align(tables) {
  return tables.length === 1 ? tables[0] : uPlot.join(tables);
}

// The point with a number that is nearest to an index; null before a run's first point and after its last.
export function nearestWithValue(x, values, index) {
  if (isNumber(values[index])) return index;
  let below = index;
  let above = index;
  while (below >= 0 && !isNumber(values[below])) below -= 1;
  while (above < values.length && !isNumber(values[above])) above += 1;
  if (below < 0 || above >= values.length) return null;
  return x[index] - x[below] <= x[above] - x[index] ? below : above;
}

function isNumber(value) {
  return value !== null && value !== undefined;
}

// The ends of an axis. A constant still needs a range to be drawn in.
export function paddedRange(low, high) {
  if (low === null || high === null || low === undefined) return [0, 1];
  const span = high - low;
  const size = Math.max(Math.abs(low), Math.abs(high));
  const margin = span > 1e-6 * size ? 0.06 * span : size * 0.05 || 1;
  return [low - margin, high + margin];
}
