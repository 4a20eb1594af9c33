// The meaning of colours.
import { html } from "../../common/html.js";
import { number } from "../../common/quantity.js";
import { seriesClass } from "../../charts/theme.js";
import { showValue, withUnit } from "../columns.js";
import { rampColour } from "./colours.js";

const STEPS = 32;

export function Legend({ column, scale }) {
  if (!scale) return null;
  if (scale.categories) {
    return html`<ul class="legend" aria-label=${`Colours: ${column.label}`}>
      ${scale.categories.map((value, index) => html`<li>
        <svg class=${`swatch ${seriesClass(index)}`} width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="5" fill="currentColor" /></svg>
        ${showValue(column, value)}
      </li>`)}
    </ul>`;
  }
  return html`<p class="legend">
    <span>${withUnit(column)}${scale.isLogarithmic && ", logarithmic"}</span>
    <span>${number(scale.low, 4)}</span>
    <svg width=${STEPS * 5} height="12" aria-hidden="true">
      ${Array.from({ length: STEPS }, (_, index) => html`<rect x=${index * 5} width="5.5" height="12" fill=${rampColour(index / (STEPS - 1))} />`)}
    </svg>
    <span>${number(scale.high, 4)}</span>
  </p>`;
}
