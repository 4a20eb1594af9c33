// The charts of a sweep's points, of columns that the user chooses.
import { html, useEffect, useState } from "../../common/html.js";
import { number } from "../../common/quantity.js";
import { withUnit } from "../columns.js";
import { MOST_POINTS, MOST_RANKED, usePointColumns, variedOf } from "../points.js";
import { designOf, storedRows } from "../sweep.js";
import { HeatMap } from "./heat_map.js";
import { Parallel } from "./parallel.js";
import { Ranking } from "./ranking.js";
import { Scatter } from "./scatter.js";

const RANKED = ["saltelli", "morris"];
const MOST_AXES = 8;
const LIKELY = ["dischargeEnergyWattHours", "dischargeCapacityAmpereHours", "endVolts", "highFrequencyResistanceOhms"];
const NOT_DRAWN = new Set(["message", "reason", "status"]);

export function SweepCharts({ run, sweep, columns, version, mayRun }) {
  const kind = designOf(sweep);
  const varied = variedOf(columns);
  const drawn = columns.filter(({ name }) => !NOT_DRAWN.has(name));
  const charts = chartsOf(kind, varied);
  const [chart, setChart] = useState(charts[0].name);
  const [names, setNames] = useState(() => firstChoice(sweep, varied, drawn));
  const column = (role) => drawn.find(({ name }) => name === names[role]) ?? drawn[0];
  const [x, y, result, colour] = ["x", "y", "result", "colour"].map(column);
  const roles = ROLES[chart];
  const change = (role, name) => setNames({ ...names, [role]: name });
  return html`<section class="card wide sweep-charts" aria-label="Charts">
    <div class="card-head">
      <h2>Charts</h2>
      <fieldset class="chips"><legend class="unseen">Chart</legend>
        ${charts.map(({ name, label }) => html`<label class="chip">
          <input type="radio" name="chart" checked=${name === chart} onChange=${() => setChart(name)} /><span>${label}</span>
        </label>`)}
      </fieldset>
    </div>
    <div class="chart-columns">
      ${roles.map(([role, label, isOfVaried]) => html`<${ColumnSelect}
        key=${role} label=${label} columns=${isOfVaried ? varied : drawn} value=${column(role)} onChange=${(name) => change(role, name)}
      />`)}
    </div>
    <${Chart} ...${{ chart, run, sweep, version, varied, x, y, result, colour, mayRun }} />
  </section>`;
}

const ROLES = {
  scatter: [["x", "Horizontal"], ["result", "Vertical"], ["colour", "Colour"]],
  heat: [["x", "Horizontal", true], ["y", "Vertical", true], ["result", "Colour"]],
  parallel: [["result", "Colour"]],
  ranking: [["result", "Explained"]],
};

function chartsOf(kind, varied) {
  const isGrid = kind === "grid" && varied.length > 1;
  return [
    RANKED.includes(kind) && { name: "ranking", label: "Ranking" },
    isGrid && { name: "heat", label: "Heat map" },
    { name: "scatter", label: "Scatter" },
    varied.length > 1 && { name: "parallel", label: "Parallel coordinates" },
  ].filter(Boolean);
}

function firstChoice(sweep, varied, drawn) {
  const known = (name) => drawn.some((column) => column.name === name);
  const result = [sweep.spec.objective?.metric, ...(sweep.spec.metrics ?? []).map(({ name }) => name), ...LIKELY].find(known);
  const [first, second] = varied.map(({ name }) => name);
  return { x: first ?? "point", y: second ?? first ?? "point", result, colour: second ?? result };
}

function ColumnSelect({ label, columns, value, onChange }) {
  return html`<label class="filter">
    <span>${label}</span>
    <select value=${value.name} onChange=${(event) => onChange(event.currentTarget.value)}>
      ${columns.map((column) => html`<option value=${column.name} selected=${column.name === value.name}>${withUnit(column)}</option>`)}
    </select>
  </label>`;
}

function Chart({ chart, run, sweep, version, varied, x, y, result, colour, mayRun }) {
  const kind = designOf(sweep);
  const axes = [...varied.slice(0, MOST_AXES).filter(({ name }) => name !== result.name), result];
  const asked = { scatter: [x, result, colour], heat: [...varied, result], parallel: axes, ranking: kind === "morris" ? [...varied, result] : [result] }[chart];
  const most = chart === "ranking" ? MOST_RANKED : MOST_POINTS;
  const { table, error } = usePointColumns(run, distinct(asked), most, version);
  // Without a flash between two choices.
  const [latest, setLatest] = useState(null);
  useEffect(() => {
    if (table) setLatest({ table, chart });
  }, [table]);
  if (error) return html`<p class="problem" role="alert">The points could not be loaded: ${error.message}</p>`;
  const has = (candidate) => candidate && distinct(asked).every(({ name }) => candidate.values.has(name));
  const drawable = table ?? (has(latest?.table) ? latest.table : null);
  if (!drawable) return html`<p class="nothing">Loading the points …</p>`;
  const succeeded = (sweep.status?.results?.rows ?? 0) - (sweep.status?.progress?.failed ?? 0);
  return html`
    ${chart !== "ranking" && drawable.points.length >= MOST_POINTS && succeeded > MOST_POINTS && html`<p class="muted">
      Drawn are the first ${number(MOST_POINTS, 12)} of about ${number(succeeded, 12)} points that have succeeded.
    </p>`}
    ${chart === "scatter" && html`<${Scatter} run=${run} table=${drawable} x=${x} y=${result} colour=${colour} mayRun=${mayRun} />`}
    ${chart === "heat" && (x.name === y.name
      ? html`<p class="nothing">Choose two different columns for the two axes.</p>`
      : html`<${HeatMap} run=${run} table=${drawable} x=${x} y=${y} colour=${result} others=${varied.filter(({ name }) => name !== x.name && name !== y.name)} mayRun=${mayRun} />`)}
    ${chart === "parallel" && html`<${Parallel} table=${drawable} columns=${axes} />`}
    ${chart === "ranking" && html`<${Ranking} table=${drawable} design=${sweep.spec.design[kind]} kind=${kind} varied=${varied} column=${result} points=${sweep.status?.design?.points ?? storedRows(sweep)} />`}
  `;
}

function distinct(columns) {
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}
