// Impedance in the complex plane: -Im against Re, both axes with the same scale, as is usual for batteries.
import { announce } from "../common/announcer.js";
import { html, useRef, useState } from "../common/html.js";
import { number } from "../common/quantity.js";
import { useWidth } from "./canvas.js";
import { seriesClass, seriesDash } from "./theme.js";

const MARGIN = { left: 62, right: 16, top: 12, bottom: 46 };
const MOST_TICKS = 7;
const MILLI = 1000;

// runs: [{ label, colourIndex, frequencies in Hz, real and imaginary in Ohm }].
export function NyquistChart({ runs }) {
  const place = useRef(null);
  const width = Math.max(240, useWidth(place));
  const [hit, setHit] = useState(null);
  const curves = runs.map((run) => ({ ...run, points: pointsOf(run) }));
  const frame = frameFor(curves.flatMap((curve) => curve.points), width);
  const points = curves.flatMap((curve) => curve.points);
  const step = (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1 };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = hit ? points.findIndex((point) => isSame(point, hit)) + moves[event.key] : 0;
    const point = points[Math.min(points.length - 1, Math.max(0, next))];
    setHit(point);
    announce(describe(point, curves.length > 1));
  };
  return html`<figure class="panel">
    <figcaption>
      <h2>Nyquist plot <span class="unit">mΩ</span></h2>
      <p class="values">${hit ? describe(hit, curves.length > 1) : html`<span class="muted">Point at the curve or press an arrow key for values</span>`}</p>
    </figcaption>
    <div
      class="nyquist" ref=${place} tabindex="0" role="group" onKeyDown=${step}
      aria-label="Nyquist plot. Left and right arrow keys go through the points."
    >
      <svg
        role="img" aria-label=${`Nyquist plot of ${runs.map((run) => run.label).join(", ")}`}
        viewBox=${`0 0 ${width} ${frame.height}`} height=${frame.height}
        onPointerMove=${(event) => setHit(nearest(event, curves, frame))} onPointerLeave=${() => setHit(null)}
      >
        <${Grid} frame=${frame} width=${width} />
        ${curves.map((curve) => html`<${Curve} curve=${curve} frame=${frame} />`)}
        ${hit && html`<circle class="hit" cx=${frame.x(hit.real)} cy=${frame.y(hit.negative)} r="6" />`}
      </svg>
    </div>
  </figure>`;
}

function isSame(one, other) {
  return one.label === other.label && one.frequency === other.frequency;
}

function pointsOf({ label, frequencies, real, imaginary }) {
  return frequencies.map((frequency, index) => ({
    label, frequency, real: real[index] * MILLI, negative: -imaginary[index] * MILLI,
  }));
}

function frameFor(points, width) {
  const [left, right] = extent(points.map((point) => point.real));
  const [low, high] = extent([0, ...points.map((point) => point.negative)]);
  const inner = width - MARGIN.left - MARGIN.right;
  const perPixel = (right - left) / inner;
  const innerHeight = Math.min(420, Math.max(160, (high - low) / perPixel));
  const scale = Math.max(perPixel, (high - low) / innerHeight);
  const start = (left + right - inner * scale) / 2;
  return {
    height: innerHeight + MARGIN.top + MARGIN.bottom,
    bottom: MARGIN.top + innerHeight,
    left: start, low,
    right: start + inner * scale,
    high: low + innerHeight * scale,
    x: (value) => MARGIN.left + (value - start) / scale,
    y: (value) => MARGIN.top + innerHeight - (value - low) / scale,
  };
}

function extent(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * 0.06 || 1;
  return [low - margin, high + margin];
}

export function ticks(low, high, most = MOST_TICKS) {
  const raw = (high - low) / most;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = magnitude * [1, 2, 5, 10].find((factor) => factor * magnitude >= raw);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

function Grid({ frame, width }) {
  const most = Math.max(3, Math.round(width / 90));
  return html`
    ${ticks(frame.left, frame.right, most).map((value) => {
      const x = frame.x(value);
      return html`<line class="grid" x1=${x} x2=${x} y1=${MARGIN.top} y2=${frame.bottom} />
        <text x=${x} y=${frame.bottom + 18} text-anchor="middle">${number(value, 4)}</text>`;
    })}
    ${ticks(frame.low, frame.high).map((value) => {
      const y = frame.y(value);
      return html`<line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y} y2=${y} />
        <text x=${MARGIN.left - 8} y=${y + 4} text-anchor="end">${number(value, 4)}</text>`;
    })}
    <text x=${width / 2} y=${frame.height - 6} text-anchor="middle">Re Z [mΩ]</text>
    <text transform=${`translate(14 ${(MARGIN.top + frame.bottom) / 2}) rotate(-90)`} text-anchor="middle">−Im Z [mΩ]</text>
  `;
}

function Curve({ curve, frame }) {
  const places = curve.points.map((point) => [frame.x(point.real).toFixed(1), frame.y(point.negative).toFixed(1)]);
  return html`<g class=${`curve ${seriesClass(curve.colourIndex)}`} stroke-dasharray=${seriesDash(curve.colourIndex).join(" ")}>
    <polyline points=${places.map((place) => place.join()).join(" ")} />
    ${places.map(([x, y]) => html`<circle cx=${x} cy=${y} r="2.6" />`)}
  </g>`;
}

function nearest(event, curves, frame) {
  const box = event.currentTarget.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const far = (point) => Math.hypot(frame.x(point.real) - x, frame.y(point.negative) - y);
  return curves.flatMap((curve) => curve.points).reduce((best, point) => (far(point) < far(best) ? point : best));
}

function describe({ label, frequency, real, negative }, withLabel) {
  const name = withLabel ? `${label}: ` : "";
  return `${name}${number(frequency, 3)} Hz, Re ${number(real, 4)}, −Im ${number(negative, 4)} mΩ`;
}
