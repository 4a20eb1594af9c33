// Results in a few numbers, with units: a column for each run.
import { html } from "../common/html.js";
import { describeField } from "../common/quantity.js";
import { inWords } from "../simulation/simulation.js";

// Discharged and charged together, where a run has both; else it would say the same again.
function withThroughput(summary) {
  if (!summary?.dischargedAmpereHours || !summary.chargedAmpereHours) return summary;
  const entries = Object.entries(summary).flatMap(([name, value]) =>
    name !== "chargedWattHours"
      ? [[name, value]]
      : [
          [name, value],
          ["throughputAmpereHours", summary.dischargedAmpereHours + summary.chargedAmpereHours],
          ["throughputWattHours", summary.dischargedWattHours + value],
        ],
  );
  return Object.fromEntries(entries);
}

// Has a place of its own on the page, with more room for its sentence.
const FAILURE = "failureMessage";

// runs: [{ label, summary }].
export function SummaryTable({ runs: given }) {
  const runs = given.map(({ label, summary }) => ({ label, summary: withThroughput(summary) }));
  const names = [...new Set(runs.flatMap(({ summary }) => Object.keys(summary ?? {}).filter((name) => summary[name] !== false && name !== FAILURE)))];
  if (!names.length) return null;
  return html`<section class=${`card ${runs.length > 1 ? "wide-table" : ""}`}>
    <h2>Summary</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="Summary table">
      <table class="facts">
        ${runs.length > 1 &&
        html`<thead><tr><td></td>${runs.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>`}
        <tbody>${names.map((name) => html`<${Row} name=${name} runs=${runs} />`)}</tbody>
      </table>
    </div>
  </section>`;
}

function Row({ name, runs }) {
  const fields = runs.map(({ summary }) => (summary?.[name] === undefined ? null : describeField(name, summary[name])));
  const { label, unit } = fields.find(Boolean);
  const text = (field) => (name === "endReason" ? inWords(field.text) : field.text);
  return html`<tr>
    <th scope="row">${label} <span class="unit">${unit && `[${unit}]`}</span></th>
    ${fields.map((field) => html`<td class="number" title=${field?.title}>${field ? text(field) : "–"}</td>`)}
  </tr>`;
}

const PROVENANCE = {
  pybammVersion: "PyBaMM",
  runnerVersion: "Runner",
  image: "Image",
  specSha256: "Spec's hash",
  initialStateSha256: "Earlier state's hash",
  podName: "Pod",
};

export function ProvenanceTable({ simulation }) {
  const { provenance = {}, attempt, jobName } = simulation.status ?? {};
  const { uid, labels = {}, annotations = {} } = simulation.metadata;
  const rows = [
    ...Object.entries(PROVENANCE).map(([name, label]) => [label, provenance[name]]),
    ["Job", jobName],
    ["Attempt", attempt],
    ["UID", uid],
    ["Submitted by", annotations["batterysim.dev/submitted-by"]],
    ["Labels", Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(", ")],
  ].filter(([, value]) => value);
  return html`<section class="card">
    <h2>Made with</h2>
    <table class="facts">
      <tbody>${rows.map(([label, value]) => html`<tr><th scope="row">${label}</th><td class="code">${value}</td></tr>`)}</tbody>
    </table>
  </section>`;
}
