// The way from a point to the form, which begins with the point as a simulation of its own.
import { html } from "../common/html.js";
import { pointFormAddress } from "../router.js";

export function RunPoint({ run, point }) {
  return html`<a href=${pointFormAddress(run, point)} aria-label=${`Run point ${point} as a simulation`}>Run</a>`;
}
