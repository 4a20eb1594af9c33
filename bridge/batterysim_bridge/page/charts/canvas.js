// Canvases that are as wide as their place on the page, and painted again when what they show changes.
import { useEffect, useLayoutEffect, useState } from "../common/html.js";
import { onThemeChange } from "./theme.js";

// The width of an element in CSS pixels.
export function useWidth(place) {
  const [width, setWidth] = useState(640);
  // Before the first picture, which would be wider than a small screen.
  useLayoutEffect(() => setWidth(Math.floor(place.current.clientWidth)), []);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    resized.observe(place.current);
    return () => resized.disconnect();
  }, []);
  return width;
}

// Calls draw(context) for a canvas of this size in CSS pixels. shown: all that it draws.
export function usePainted(canvas, { width, height }, draw, shown) {
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((round) => round + 1)), []);
  useEffect(() => {
    const ratio = window.devicePixelRatio || 1;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(height * ratio);
    canvas.current.style.width = `${width}px`;
    canvas.current.style.height = `${height}px`;
    const context = canvas.current.getContext("2d");
    context.scale(ratio, ratio);
    draw(context);
  }, [width, height, theme, ...shown]);
}
