// A drawing with two axes: a canvas for what is many, and an SVG around it for grid, ticks and labels.
import { html, useRef } from "../../common/html.js";
import { usePainted, useWidth } from "../../charts/canvas.js";

export const MARGIN = { left: 84, right: 18, top: 12, bottom: 48 };
const FEWEST_PIXELS = 240;
const PIXELS_OF_LABEL = 70;

// draw(context, area): paints; area: { width, height } in CSS pixels. x, y: { scale, label }; hasGrid: lines at the ticks.
// onPoint([x, y]) with a place in the area; null when the pointer has left. children: SVG in the area's coordinates.
export function PlotFrame({ name, hint, x, y, height, hasGrid, draw, drawn, onPoint, onChoose, onKeyDown, children }) {
  const place = useRef(null);
  const canvas = useRef(null);
  const area = { width: Math.max(FEWEST_PIXELS, useWidth(place)) - MARGIN.left - MARGIN.right, height };
  usePainted(canvas, area, (context) => draw(context, area), [drawn]);
  const placeOf = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  return html`<div
    class="plot-frame" ref=${place} tabindex="0" role="group" aria-label=${`${name}. ${hint}`} onKeyDown=${onKeyDown}
    onPointerMove=${(event) => onPoint?.(placeOf(event), area)} onPointerLeave=${() => onPoint?.(null, area)}
    onClick=${(event) => onChoose?.(placeOf(event), area)}
  >
    <canvas ref=${canvas} aria-hidden="true"></canvas>
    <svg aria-hidden="true" width=${area.width + MARGIN.left + MARGIN.right} height=${height + MARGIN.top + MARGIN.bottom}>
      <g transform=${`translate(${MARGIN.left} ${MARGIN.top})`}>
        <${XAxis} axis=${x} area=${area} hasGrid=${hasGrid} />
        <${YAxis} axis=${y} area=${area} hasGrid=${hasGrid} />
        ${children?.(area)}
      </g>
    </svg>
  </div>`;
}

function XAxis({ axis: { scale, label }, area, hasGrid }) {
  const shown = thinned(scale.ticks, area.width / PIXELS_OF_LABEL);
  return html`
    ${shown.map(({ place, text }) => html`
      ${hasGrid && html`<line class="grid" x1=${place * area.width} x2=${place * area.width} y1="0" y2=${area.height} />`}
      <text x=${place * area.width} y=${area.height + 18} text-anchor="middle">${shortened(text, 14)}</text>`)}
    <text class="axis-label" x=${area.width / 2} y=${area.height + 40} text-anchor="middle">${shortened(label, area.width / 7)}</text>
  `;
}

function YAxis({ axis: { scale, label }, area, hasGrid }) {
  const shown = thinned(scale.ticks, area.height / 22);
  return html`
    ${shown.map(({ place, text }) => html`
      ${hasGrid && html`<line class="grid" x1="0" x2=${area.width} y1=${(1 - place) * area.height} y2=${(1 - place) * area.height} />`}
      <text x="-8" y=${(1 - place) * area.height + 4} text-anchor="end">${shortened(text, 9)}</text>`)}
    <text class="axis-label" transform=${`translate(${14 - MARGIN.left} ${area.height / 2}) rotate(-90)`} text-anchor="middle">${shortened(label, area.height / 7)}</text>
  `;
}

function thinned(ticks, most) {
  const step = Math.ceil(ticks.length / Math.max(2, most));
  return ticks.filter((_, index) => index % step === 0);
}

function shortened(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(3, Math.floor(most) - 1))}…` : text;
}
