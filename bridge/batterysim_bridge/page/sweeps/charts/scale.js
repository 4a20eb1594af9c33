// Where the values of a column lie on an axis, from 0 to 1.
import { number } from "../../common/quantity.js";
import { ticks } from "../../charts/nyquist_chart.js";
import { showValue } from "../columns.js";

const LOGARITHMIC_FROM_RATIO = 100;
const MOST_TICKS = 6;

// values: numbers as they are shown, or text; null where there is none. margin: the part of the range that is left free.
// Returns { place(value), ticks: [{ place, text }], isLogarithmic, categories, low, high }; null if there is no value.
export function scaleOf(column, values, margin = 0.04) {
  return column.isNumber ? numberScale(values, margin) : categoryScale(column, values);
}

export function extentOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value !== "number") continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

function numberScale(values, margin) {
  const extent = extentOf(values);
  if (!extent) return null;
  const [low, high] = extent;
  const isLogarithmic = low > 0 && high / low >= LOGARITHMIC_FROM_RATIO;
  const along = isLogarithmic ? Math.log10 : (value) => value;
  const span = along(high) - along(low) || Math.abs(along(high)) * 0.1 || 1;
  const [start, end] = high === low ? [along(low) - span / 2, along(low) + span / 2] : [along(low) - margin * span, along(high) + margin * span];
  const place = (value) => (typeof value === "number" ? (along(value) - start) / (end - start) : NaN);
  const marks = isLogarithmic ? powers(start, end) : ticks(start, end, MOST_TICKS);
  return { place, ticks: marks.map((value) => ({ place: place(value), text: number(value, 4) })), isLogarithmic, low, high };
}

function powers(start, end) {
  const found = [];
  for (let power = Math.floor(start); power <= end; power += 1) {
    for (const factor of end - start > 3 ? [1] : [1, 2, 5]) {
      const value = factor * 10 ** power;
      if (Math.log10(value) >= start && Math.log10(value) <= end) found.push(value);
    }
  }
  return found;
}

function categoryScale(column, values) {
  const categories = [...new Set(values.filter((value) => value !== null))].sort();
  if (!categories.length) return null;
  const at = new Map(categories.map((value, index) => [value, (index + 0.5) / categories.length]));
  const marks = categories.map((value) => ({ place: at.get(value), text: String(showValue(column, value)) }));
  return { place: (value) => at.get(value) ?? NaN, ticks: marks, isLogarithmic: false, categories };
}
