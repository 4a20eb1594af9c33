// The points that have failed: how many for each reason, and some of them.
import { html } from "../common/html.js";
import { number } from "../common/quantity.js";
import { inWords } from "../simulation/simulation.js";

// onShow(reason): the user wants to see all points with a reason in the table.
export function FailedPoints({ sweep, onShow }) {
  const { reasons = {}, examples = [] } = sweep.status?.failures ?? {};
  const counted = Object.entries(reasons).sort(([, one], [, other]) => other - one);
  if (!counted.length) return null;
  const most = counted[0][1];
  return html`<section class="card wide">
    <h2>Failed points</h2>
    <table class="facts bars">
      <thead><tr><th scope="col">Reason</th><th scope="col" class="number">Points</th><td></td></tr></thead>
      <tbody>
        ${counted.map(([reason, count]) => html`<tr>
          <th scope="row">
            ${onShow ? html`<button type="button" class="link" onClick=${() => onShow(reason)}>${inWords(reason)}</button>` : inWords(reason)}
          </th>
          <td class="number">${number(count)}</td>
          <td class="bar-cell"><meter min="0" max=${most} value=${count} aria-hidden="true"></meter></td>
        </tr>`)}
      </tbody>
    </table>
    <h3>Examples</h3>
    <ul class="examples">
      ${examples.map(({ point, reason, message }) => html`<li>
        Point ${point}, <strong>${inWords(reason)}</strong>: ${message}
      </li>`)}
    </ul>
  </section>`;
}
