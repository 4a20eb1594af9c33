// A piece of a curve's line as it is drawn, for legends.
import { html } from "../common/html.js";
import { COMPANION_DASH, MEASURED_DASH, seriesClass, seriesDash } from "./theme.js";

const WIDTH = 26;

export function Swatch({ colourIndex, isDashed, isMeasured }) {
  const dash = isMeasured ? MEASURED_DASH : isDashed ? COMPANION_DASH : seriesDash(colourIndex);
  return html`<svg class=${`swatch ${isMeasured ? "measured" : seriesClass(colourIndex)}`} width=${WIDTH} height="4" aria-hidden="true">
    <line x1="0" x2=${WIDTH} y1="2" y2="2" stroke-width=${isDashed ? 2 : 3} stroke-dasharray=${dash.join(" ")} />
  </svg>`;
}
