// One chart: its heading with the values under the cursor, and the curves.
import { html, useEffect, useLayoutEffect, useRef } from "../common/html.js";
import { number } from "../common/quantity.js";
import { chartOptions, createChart } from "./chart_options.js";
import { Swatch } from "./swatch.js";
import { onThemeChange } from "./theme.js";

const PLOT_HEIGHT = 168;
const AXIS_HEIGHT = 44;
const CURSOR_STEP_PIXELS = 12;

// data: [x, y, …]; curves: [{ label, colourIndex, isDashed, isMeasured }], one for each y; range: [low, high] of x;
// onSelect(low, high), onReset(), onZoom(factor): the user wants another window; onCursor(x or null).
export function ChartPanel({ title, unit, note, data, curves, range, onCursor, ...settings }) {
  const place = useRef(null);
  const values = useRef([]);
  const chart = useRef(null);
  const latest = useRef({});
  latest.current = { range, onCursor, ...settings };

  useLayoutEffect(() => {
    const create = () => createChart(optionsFor(place.current, curves, latest, values), data, place.current);
    chart.current = create();
    const stopTheme = onThemeChange(() => chart.current.redraw(false));
    const resized = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width && width !== chart.current.width) chart.current.setSize({ width, height: chart.current.height });
    });
    resized.observe(place.current);
    return () => {
      stopTheme();
      resized.disconnect();
      chart.current.destroy();
    };
  }, [JSON.stringify(curves), settings.isLast, settings.xLabel]);

  useEffect(() => {
    if (chart.current.data !== data) chart.current.setData(data);
    else chart.current.setScale("x", { min: range[0], max: range[1] });
  }, [data, range[0], range[1]]);

  return html`<figure class="panel">
    <figcaption>
      <h2>${title}${unit && html` <span class="unit">${unit}</span>`}${note && html`<span class="muted note">${note}</span>`}</h2>
      <ul class="values">
        ${curves.map(
          (curve, index) => html`<li>
            ${curves.length > 1 && html`<${Swatch} colourIndex=${curve.colourIndex} isDashed=${curve.isDashed} isMeasured=${curve.isMeasured} />`}
            <span class="curve-label">${curve.label}</span>
            <span class="value" ref=${(element) => (values.current[index] = element)}>–</span>
          </li>`,
        )}
      </ul>
    </figcaption>
    <div
      class="plot" ref=${place} tabindex="0" role="group"
      aria-label=${`${title} chart. Arrow keys move the cursor, plus and minus zoom, Escape resets.`}
      onKeyDown=${(event) => onKey(event, chart.current, latest.current)}
    ></div>
  </figure>`;
}

function optionsFor(element, curves, latest, values) {
  const { isLast, xLabel, syncKey, isLogarithmic } = latest.current;
  return chartOptions({
    width: Math.max(240, element.clientWidth),
    height: PLOT_HEIGHT + (isLast ? AXIS_HEIGHT : 0),
    curves,
    isLast,
    xLabel,
    syncKey,
    isLogarithmic,
    callbacks: {
      range: () => latest.current.range,
      onReset: () => latest.current.onReset(),
      onSelect: (low, high) => latest.current.onSelect(low, high),
      onCursor: (u) => showValues(u, values.current, latest.current.onCursor),
    },
  });
}

function showValues(u, elements, onCursor) {
  const isInside = u.cursor.left >= 0;
  const indices = u.cursor.idxs ?? [];
  for (let series = 1; series < u.series.length; series += 1) {
    const index = indices[series];
    const value = isInside && index !== null && index !== undefined ? u.data[series][index] : null;
    if (elements[series - 1]) elements[series - 1].textContent = number(value, 5);
  }
  onCursor?.(isInside ? u.posToVal(u.cursor.left, "x") : null);
}

function onKey(event, u, { onReset, onZoom }) {
  if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own zoom and history
  const moves = { ArrowLeft: -CURSOR_STEP_PIXELS, ArrowRight: CURSOR_STEP_PIXELS };
  if (event.key in moves) moveCursor(u, moves[event.key] * (event.shiftKey ? 5 : 1));
  else if (event.key === "+" || event.key === "=") onZoom(0.5);
  else if (event.key === "-") onZoom(2);
  else if (event.key === "Escape" || event.key === "0") onReset();
  else return;
  event.preventDefault();
}

function moveCursor(u, pixels) {
  const width = u.over.clientWidth;
  const from = u.cursor.left >= 0 ? u.cursor.left : width / 2 - pixels;
  const left = Math.min(width - 1, Math.max(0, from + pixels));
  u.setCursor({ left, top: u.over.clientHeight / 2 }, true, true);
}
