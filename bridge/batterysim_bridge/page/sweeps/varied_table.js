// The fields and parameters that vary, with their values.
import { html } from "../common/html.js";
import { describeColumn } from "./columns.js";
import { designInWords, designOf, objectiveOf, valuesInWords } from "./sweep.js";

export function VariedTable({ sweep }) {
  const { vary = [], design = {}, metrics = [], series } = sweep.spec;
  const kind = designOf(sweep);
  const objective = objectiveOf(sweep);
  const { seed, baseSamples } = design[kind] ?? {};
  const facts = [
    ["Design", designInWords(kind)],
    ["Base samples", baseSamples],
    ["Seed", seed],
    ["Objective", objective && `${objective.goal === "Maximise" ? "Highest" : "Lowest"} ${describeColumn({ name: objective.metric }).label}`],
    ["Metrics", metrics.map(({ name }) => name).join(", ")],
    ["Kept results", series?.keep && series.keep !== "None" ? series.keep : undefined],
  ].filter(([, value]) => value !== undefined && value !== null && value !== "");
  return html`<section class="card">
    <h2>Varied</h2>
    <table class="facts varied">
      <tbody>
        ${vary.map((entry) => {
          const { label, unit } = describeColumn({ name: entry.parameter ?? entry.field, unit: entry.words ? "" : undefined });
          return html`<tr>
            <th scope="row">${label} <span class="unit">${unit && `[${unit}]`}</span><br /><span class="code">${entry.field}</span></th>
            <td>${valuesInWords(entry)}</td>
          </tr>`;
        })}
        ${facts.map(([label, value]) => html`<tr><th scope="row">${label}</th><td>${value}</td></tr>`)}
      </tbody>
    </table>
  </section>`;
}
