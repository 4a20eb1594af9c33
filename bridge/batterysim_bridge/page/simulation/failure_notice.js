// Why a run or a sweep has failed.
import { html } from "../common/html.js";
import { inWords } from "./simulation.js";

export function FailureNotice({ failure }) {
  if (!failure) return null;
  return html`<section class="notice notice-error">
    <h2>${inWords(failure.reason)}</h2>
    <p>${failure.message}</p>
    ${failure.logTail && html`<p>The log ends with</p>
      <pre tabindex="0" role="group" aria-label="End of the log"><code>${failure.logTail}</code></pre>`}
  </section>`;
}
