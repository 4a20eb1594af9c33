// How far a run is.
import { html } from "../common/html.js";

export function ProgressBar({ progress, label }) {
  const percent = progress?.percent ?? 0;
  return html`<span class="progress">
    <progress max="100" value=${percent} aria-label=${label}></progress>
    <span class="progress-text">${percent} %</span>
  </span>`;
}
