// Colours for values: a ramp for numbers, which becomes lighter on dark paper and brighter on light paper, each colour
// with a contrast of 3 to the paper at least; the curves' colours for words.
import { seriesColour, SERIES_COLOURS } from "../../charts/theme.js";

const ON_LIGHT = ["#1a1a6e", "#5b1f8f", "#9c2a7d", "#cf3f52", "#d4651c"];
const ON_DARK = ["#5c7fe0", "#9a86ee", "#d98ac8", "#f5a58b", "#fdf0a5"];

export function isDark() {
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// fraction: from 0 for the lowest value to 1 for the highest.
export function rampColour(fraction, onDark = isDark()) {
  const stops = onDark ? ON_DARK : ON_LIGHT;
  const place = Math.min(1, Math.max(0, fraction)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [channels(stops[index]), channels(stops[index + 1])];
  return `rgb(${from.map((value, channel) => Math.round(value + (to[channel] - value) * (place - index))).join(" ")})`;
}

// Of text on a colour of the ramp: the one of black and white that has more contrast.
export function textOn(fraction, onDark = isDark()) {
  const [red, green, blue] = rampColour(fraction, onDark).match(/\d+/g).map((value) => linear(Number(value) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

// scale: of the column by which is coloured. Returns a function from a value to a colour, or null for no value.
export function colouring(scale) {
  if (scale.categories) {
    const at = new Map(scale.categories.map((value, index) => [value, seriesColour(index)]));
    return (value) => at.get(value) ?? null;
  }
  const ramp = Array.from({ length: 256 }, (_, index) => rampColour(index / 255));
  return (value) => {
    const place = fractionOf(scale, value);
    return Number.isNaN(place) ? null : ramp[Math.round(place * 255)];
  };
}

// Without the margins of an axis.
export function fractionOf(scale, value) {
  const [low, high] = [scale.place(scale.low), scale.place(scale.high)];
  if (typeof value !== "number") return NaN;
  return high > low ? (scale.place(value) - low) / (high - low) : 0.5;
}

export const MOST_CATEGORIES = SERIES_COLOURS;

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function linear(channel) {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
