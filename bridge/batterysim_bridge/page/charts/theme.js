// Colours of the charts, which are those of the style sheet, light or dark.
export const SERIES_COLOURS = 6;

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function seriesColour(index) {
  return colour(`series-${(index % SERIES_COLOURS) + 1}`);
}

// From the seventh curve on, colours come again, with dashes.
export function seriesDash(index) {
  return index < SERIES_COLOURS ? [] : [7, 4];
}

export function onThemeChange(redraw) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);
  return () => dark.removeEventListener("change", redraw);
}
