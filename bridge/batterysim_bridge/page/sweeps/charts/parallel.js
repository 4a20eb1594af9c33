// Parallel coordinates: an axis for each varied column and the colour, a line for each point. Limits leave lines grey.
import { html, useMemo, useRef, useState } from "../../common/html.js";
import { number } from "../../common/quantity.js";
import { usePainted, useWidth } from "../../charts/canvas.js";
import { withUnit } from "../columns.js";
import { colouring } from "./colours.js";
import { Legend } from "./legend.js";
import { scaleOf } from "./scale.js";

const HEIGHT = 320;
const MARGIN = { side: 60, top: 46, bottom: 12 };
const FEWEST_PIXELS_OF_AN_AXIS = 110;
const MANY = 500;

// columns: the axes; the last one colours the lines.
export function Parallel({ table, columns }) {
  const [limits, setLimits] = useState({}); // { name: [low, high] }, either of them undefined
  const colour = columns.at(-1);
  const plot = useMemo(() => plotOf(table, columns), [table, columns]);
  const kept = useMemo(() => plot && table.points.map((_, index) => isWithin(table, index, limits)), [table, plot, limits]);
  if (!plot) return html`<p class="nothing">No point has a value of each of these.</p>`;
  const count = plot.order.filter((index) => kept[index]).length;
  return html`
    <p class="chart-caption" role="status">${number(count, 12)} of ${number(plot.order.length, 12)} points are within the limits.</p>
    <${Lines} plot=${plot} columns=${columns} kept=${kept} />
    <${Legend} column=${colour} scale=${plot.scales.at(-1)} />
    <details class="more-columns">
      <summary>Limits</summary>
      <div class="limits">
        ${columns.filter(({ isNumber }) => isNumber).map((column) => html`<${Limit}
          key=${column.name} column=${column} value=${limits[column.name] ?? []} onChange=${(value) => setLimits({ ...limits, [column.name]: value })}
        />`)}
      </div>
    </details>
  `;
}

function Limit({ column, value: [low, high], onChange }) {
  const read = (text) => (text.trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text));
  const field = (label, value, change) => html`<input
    type="text" inputmode="decimal" aria-label=${`${column.label}: ${label}`} placeholder=${label} value=${value ?? ""}
    onChange=${(event) => change(read(event.currentTarget.value))}
  />`;
  return html`<fieldset class="limit">
    <legend>${withUnit(column)}</legend>
    ${field("from", low, (value) => onChange([value, high]))} ${field("to", high, (value) => onChange([low, value]))}
  </fieldset>`;
}

function isWithin(table, index, limits) {
  return Object.entries(limits).every(([name, [low, high]]) => {
    const value = table.values.get(name)?.[index];
    return (low === undefined || value >= low) && (high === undefined || value <= high);
  });
}

function plotOf(table, columns) {
  const values = columns.map(({ name }) => table.values.get(name));
  const scales = columns.map((column, at) => scaleOf(column, values[at], 0));
  if (scales.includes(null)) return null;
  const places = values.map((items, at) => items.map(scales[at].place));
  const order = table.points.map((_, index) => index).filter((index) => places.every((items) => !Number.isNaN(items[index])));
  return order.length ? { scales, places, order, colours: values.at(-1) } : null;
}

function Lines({ plot, columns, kept }) {
  const place = useRef(null);
  const canvas = useRef(null);
  const width = Math.max(useWidth(place), columns.length * FEWEST_PIXELS_OF_AN_AXIS);
  const xOf = (at) => MARGIN.side + (columns.length > 1 ? (at / (columns.length - 1)) * (width - 2 * MARGIN.side) : 0);
  const yOf = (fraction) => MARGIN.top + (1 - fraction) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  usePainted(canvas, { width, height: HEIGHT }, (context) => drawLines(context, plot, kept, xOf, yOf), [plot, kept]);
  const label = `Parallel coordinates of ${columns.map((column) => column.label).join(", ")}`;
  return html`<div class="parallel scroll" ref=${place} tabindex="0" role="group" aria-label=${`${label}. The points are in the table below.`}>
    <canvas ref=${canvas} aria-hidden="true"></canvas>
    <svg aria-hidden="true" width=${width} height=${HEIGHT}>
      ${columns.map((column, at) => html`
        <text class="axis-label" x=${xOf(at)} y="14" text-anchor="middle">${shortened(column.label)}</text>
        <text x=${xOf(at)} y="30" text-anchor="middle">${column.unit}${plot.scales[at].isLogarithmic ? " log" : ""}</text>
        <line class="axis" x1=${xOf(at)} x2=${xOf(at)} y1=${yOf(0)} y2=${yOf(1)} />
        ${plot.scales[at].ticks.map((tick) => html`<text x=${xOf(at) + 5} y=${yOf(tick.place) + 4}>${tick.text}</text>`)}
      `)}
    </svg>
  </div>`;
}

function shortened(text) {
  return text.length > 20 ? `${text.slice(0, 19)}…` : text;
}

function drawLines(context, { scales, places, order, colours }, kept, xOf, yOf) {
  const colourOf = colouring(scales.at(-1));
  const grey = getComputedStyle(document.documentElement).getPropertyValue("--line");
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  for (const isKept of [false, true]) {
    context.globalAlpha = isKept && order.length > MANY ? 0.35 : 0.8;
    for (const index of order) {
      if (kept[index] !== isKept) continue;
      context.strokeStyle = isKept ? colourOf(colours[index]) : grey;
      context.beginPath();
      places.forEach((items, at) => context.lineTo(xOf(at), yOf(items[index])));
      context.stroke();
    }
  }
}
