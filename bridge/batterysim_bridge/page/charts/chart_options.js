// How uPlot draws one of our charts.
import { number } from "../common/quantity.js";
import uPlot from "../vendor/uplot/uPlot.esm.js";
import { nearestWithValue, paddedRange } from "./aligned_data.js";
import { colour, COMPANION_DASH, MEASURED_DASH, seriesColour, seriesDash } from "./theme.js";

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LOGARITHMIC = 3;

// curves: [{ colourIndex, isDashed, isMeasured }]; callbacks: onCursor(u), onSelect(low, high), range(): [low, high] of x.
export function chartOptions({ width, height, curves, syncKey, isLogarithmic, isLast, xLabel, callbacks }) {
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 20, isLast ? 0 : 4, 0],
    scales: {
      x: { time: false, distr: isLogarithmic ? LOGARITHMIC : 1, range: callbacks.range },
      y: { range: (_u, low, high) => paddedRange(low, high) },
    },
    axes: [horizontalAxis(isLast, xLabel), verticalAxis()],
    series: [{}, ...curves.map(curveOptions)],
    cursor: {
      sync: syncKey ? { key: syncKey, setSeries: false } : undefined,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      dataIdx: (u, series, index) => nearestWithValue(u.data[0], u.data[series], index),
      bind: { dblclick: () => callbacks.onReset },
    },
    hooks: {
      setCursor: [callbacks.onCursor],
      setSelect: [(u) => select(u, callbacks.onSelect)],
    },
  };
}

function select(u, onSelect) {
  const { left, width } = u.select;
  if (width < 5) return;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
}

function curveOptions({ colourIndex, isDashed, isMeasured }) {
  return {
    stroke: () => (isMeasured ? colour("text") : seriesColour(colourIndex)),
    width: isDashed ? 1.2 : 1.8,
    dash: isMeasured ? MEASURED_DASH : isDashed ? COMPANION_DASH : seriesDash(colourIndex),
    spanGaps: true,
    pxAlign: 0, // else each point is moved to a whole pixel, and a smooth curve has steps
    points: { show: (u, index) => u.data[index].length < 30 && u.data[index].length > 0 },
  };
}

function horizontalAxis(isLast, label) {
  return {
    ...axisColours(),
    size: isLast ? 26 : 8,
    label: isLast ? label : undefined,
    labelSize: 18,
    labelGap: 0,
    labelFont: FONT,
    values: isLast ? (_u, values) => values.map((value) => (value === null ? "" : number(value, 6))) : () => [],
  };
}

function verticalAxis() {
  return {
    ...axisColours(),
    size: 58,
    space: 34,
    values: (_u, values) => values.map((value) => number(value, 6)),
  };
}

function axisColours() {
  const line = () => colour("chart-grid");
  return {
    stroke: () => colour("muted"),
    font: FONT,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 5 },
  };
}

export function createChart(options, data, place) {
  return new uPlot(options, data, place);
}
