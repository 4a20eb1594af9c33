// Colours of the charts, which are those of the style sheet, light or dark.
export const SERIES_COLOURS = 6;

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function seriesColour(index) {
  return colour(`series-${(index % SERIES_COLOURS) + 1}`);
}

export function seriesClass(index) {
  return `series-${(index % SERIES_COLOURS) + 1}`;
}

// The open-circuit voltage next to the terminal voltage.
export const COMPANION_DASH = [5, 4];

// Measured data over what is simulated, in the colour of the text.
export const MEASURED_DASH = [2, 3];

// From the seventh curve on, colours come again, with other dashes each time: 24 curves can be told apart.
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3]];

export function seriesDash(index) {
  return DASHES[Math.floor(index / SERIES_COLOURS) % DASHES.length];
}

export function onThemeChange(redraw) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);
  return () => dark.removeEventListener("change", redraw);
}
