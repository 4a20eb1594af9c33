// The truth about a simulation, and what is still owed to its callback's receiver.
import { html } from "../common/html.js";
import { moment } from "../common/quantity.js";

const SIGNS = { True: "✓", False: "✕", Unknown: "?" };

export function ConditionsTable({ simulation }) {
  const { conditions = [], callback } = simulation.status ?? {};
  if (!conditions.length) return null;
  return html`<section class="card">
    <h2>Conditions</h2>
    <ul class="conditions">
      ${conditions.map(
        ({ type, status, reason, message, lastTransitionTime }) => html`<li class=${`condition-${status.toLowerCase()}`}>
          <span class="condition-sign" aria-hidden="true">${SIGNS[status] ?? "?"}</span>
          <div>
            <p><strong>${type}</strong>: ${status} <span class="muted">${reason}</span></p>
            ${message && html`<p>${message}</p>`}
            <p class="muted">${moment(lastTransitionTime)}</p>
          </div>
        </li>`,
      )}
    </ul>
    ${callback && html`<${Callback} callback=${callback} />`}
  </section>`;
}

function Callback({ callback }) {
  const { attempts = 0, nextAttemptTime, deliveredTime, lastError } = callback;
  return html`<h3>Callback</h3>
    <p>
      ${attempts} ${attempts === 1 ? "try" : "tries"}
      ${deliveredTime && `, delivered ${moment(deliveredTime)}`}
      ${nextAttemptTime && `, the next one ${moment(nextAttemptTime)}`}
    </p>
    ${lastError && html`<p class="muted">${lastError}</p>`}`;
}
