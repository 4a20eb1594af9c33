// A phase as a word, with a sign in addition to its colour.
import { html } from "../common/html.js";

const SIGNS = { Queued: "…", Suspended: "Ⅱ", Pending: "○", Running: "◔", Succeeded: "✓", Failed: "✕", Invalid: "!" };

export function PhaseBadge({ phase }) {
  return html`<span class=${`badge badge-${phase.toLowerCase()}`}>
    <span class="badge-sign" aria-hidden="true">${SIGNS[phase] ?? "·"}</span>${phase}
  </span>`;
}
