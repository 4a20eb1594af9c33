// The best points by the sweep's objective.
import { html } from "../common/html.js";
import { describeColumn, showValue } from "./columns.js";
import { RunPoint } from "./run_point.js";
import { objectiveOf } from "./sweep.js";

export function BestPoints({ run, sweep, mayRun }) {
  const { best = [] } = sweep.status ?? {};
  const objective = objectiveOf(sweep);
  if (!best.length || !objective) return null;
  const metric = describeColumn({ name: objective.metric, unit: unitOfMetric(sweep, objective.metric) });
  const varied = Object.keys(best[0].values).map((name) => describeColumn({ name }));
  return html`<section class="card wide">
    <h2>Best points</h2>
    <p class="muted">${objective.goal === "Maximise" ? "Highest" : "Lowest"} first: ${metric.label}.</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Table of the best points">
      <table class="facts">
        <thead>
          <tr>
            <th scope="col">Point</th>${mayRun && html`<td></td>`}
            ${[metric, ...varied].map(({ label, unit }) => html`<th scope="col" class="number">${label} <span class="unit">${unit}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${best.map(({ point, value, values }) => html`<tr>
            <th scope="row">${point}</th>${mayRun && html`<td><${RunPoint} run=${run} point=${point} /></td>`}
            <td class="number">${showValue(metric, value)}</td>
            ${varied.map((column) => html`<td class="number">${showText(column, values[column.name])}</td>`)}
          </tr>`)}
        </tbody>
      </table>
    </div>
  </section>`;
}

// The status has values as text.
function showText(column, text) {
  return showValue(column, text === "" || Number.isNaN(Number(text)) ? text : Number(text));
}

function unitOfMetric(sweep, name) {
  const metric = sweep.spec.metrics?.find((item) => item.name === name);
  return metric && /\[([^\]]+)\]$/.exec(metric.column)?.[1];
}
