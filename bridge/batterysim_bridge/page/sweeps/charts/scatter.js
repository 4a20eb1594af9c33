// Two columns against each other, coloured by a third.
import { announce } from "../../common/announcer.js";
import { html, useMemo, useState } from "../../common/html.js";
import { showValue, withUnit } from "../columns.js";
import { RunPoint } from "../run_point.js";
import { colouring } from "./colours.js";
import { Legend } from "./legend.js";
import { PlotFrame } from "./plot_frame.js";
import { scaleOf } from "./scale.js";

const HEIGHT = 340;
const NEAR_PIXELS = 18;
const RADIUS_OF_FEW = 3.6;
const RADIUS_OF_MANY = 2;
const MANY = 3000;

// table: { points, values }; x, y, colour: described columns.
export function Scatter({ run, table, x, y, colour, mayRun }) {
  const [hit, setHit] = useState(null); // an index of the table
  const [chosen, setChosen] = useState(null);
  const plot = useMemo(() => plotOf(table, x, y, colour), [table, x, y, colour]);
  if (!plot) return html`<p class="nothing">No point has a value of both ${x.label} and ${y.label}.</p>`;
  const { xs, ys, colours, scales, order } = plot;
  const describe = (index) => describePoint(table, index, [x, y, colour]);
  const nearest = ([left, top], area) => {
    let [best, distance] = [null, NEAR_PIXELS];
    for (const index of order) {
      const far = Math.hypot(xs[index] * area.width - left, (1 - ys[index]) * area.height - top);
      if (far < distance) [best, distance] = [index, far];
    }
    return best;
  };
  const step = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = chosen === null ? (move > 0 ? -1 : order.length) : order.indexOf(chosen);
    const next = order[Math.min(order.length - 1, Math.max(0, at + move))];
    setChosen(next);
    announce(describe(next));
  };
  const shown = hit ?? chosen;
  return html`
    <${Caption} run=${run} text=${shown === null ? null : describe(shown)} point=${chosen === null ? null : table.points[chosen]} mayRun=${mayRun} />
    <${PlotFrame}
      name=${`Scatter of ${y.label} against ${x.label}, coloured by ${colour.label}`} hint="Left and right arrow keys go through the points."
      x=${{ scale: scales.x, label: axisLabel(x, scales.x) }} y=${{ scale: scales.y, label: axisLabel(y, scales.y) }}
      height=${HEIGHT} hasGrid drawn=${plot} draw=${(context, area) => drawDots(context, area, plot, colours)}
      onPoint=${(place, area) => setHit(place && nearest(place, area))} onChoose=${(place, area) => setChosen(nearest(place, area))} onKeyDown=${step}
    >
      ${(area) => [hit, chosen].filter((index) => index !== null && order.includes(index)).map((index) => html`<circle
        class="hit" cx=${xs[index] * area.width} cy=${(1 - ys[index]) * area.height} r="7"
      />`)}
    <//>
    <${Legend} column=${colour} scale=${scales.colour} />
  `;
}

export function axisLabel(column, scale) {
  return `${withUnit(column)}${scale.isLogarithmic ? ", logarithmic" : ""}`;
}

export function describePoint(table, index, columns) {
  const facts = [...new Set(columns)].map((column) => {
    const value = table.values.get(column.name)[index];
    return `${column.label} ${showValue({ ...column, factor: 1 }, value)}${column.unit && ` ${column.unit}`}`;
  });
  return `Point ${table.points[index]}: ${facts.join(", ")}`;
}

// text: about the point that is pointed at; point: the chosen one, which can be run.
export function Caption({ run, text, point, mayRun }) {
  return html`<p class="chart-caption">
    ${text ?? html`<span class="muted">Point at the chart or press an arrow key for values.</span>`}
    ${point !== null && mayRun && html` <${RunPoint} run=${run} point=${point} />`}
  </p>`;
}

// order: the indices of what can be drawn, from left to right.
function plotOf(table, x, y, colour) {
  const [xValues, yValues, colourValues] = [x, y, colour].map(({ name }) => table.values.get(name));
  const scales = { x: scaleOf(x, xValues), y: scaleOf(y, yValues), colour: scaleOf(colour, colourValues) };
  if (!scales.x || !scales.y) return null;
  const [xs, ys] = [xValues.map(scales.x.place), yValues.map(scales.y.place)];
  const order = table.points.map((_, index) => index).filter((index) => !Number.isNaN(xs[index]) && !Number.isNaN(ys[index]));
  if (!order.length) return null;
  order.sort((one, other) => xs[one] - xs[other] || ys[one] - ys[other]);
  return { xs, ys, colours: colourValues, scales, order };
}

function drawDots(context, area, { xs, ys, colours, scales, order }) {
  const colourOf = scales.colour ? colouring(scales.colour) : () => null;
  const radius = order.length > MANY ? RADIUS_OF_MANY : RADIUS_OF_FEW;
  const without = getComputedStyle(document.documentElement).getPropertyValue("--strong-line");
  context.clearRect(0, 0, area.width, area.height);
  context.globalAlpha = order.length > MANY ? 0.75 : 0.95;
  for (const index of order) {
    context.fillStyle = colourOf(colours[index]) ?? without;
    context.beginPath();
    context.arc(xs[index] * area.width, (1 - ys[index]) * area.height, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
