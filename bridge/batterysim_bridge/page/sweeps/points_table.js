// The points in a table: sorted, filtered and taken page by page by the bridge, so that 100,000 are as quick as 10.
import { announce } from "../common/announcer.js";
import { html, useEffect, useState } from "../common/html.js";
import { number } from "../common/quantity.js";
import { isVaried, showValue } from "./columns.js";
import { PAGE_ROWS, usePage } from "./points.js";
import { PointsFilter } from "./points_filter.js";
import { RunPoint } from "./run_point.js";

// These are shown first, next to what varies.
const FIRST_NUMBERS = ["dischargeCapacityAmpereHours", "dischargeEnergyWattHours", "endVolts"];
const FEWEST = ["point", "status"];

// columns: all of the table, described; conditions: [[column, sign, value], …], owned by the view.
export function PointsTable({ run, sweep, columns, version, conditions, onConditions, mayRun }) {
  const [order, setOrder] = useState({ name: "point", isDescending: false });
  const [offset, setOffset] = useState(0);
  const [chosen, setChosen] = useState(null);
  const names = chosen ?? firstColumns(sweep, columns);
  const shown = columns.filter(({ name }) => names.includes(name));
  const asked = {
    columns: ["point", ...shown.map(({ name }) => name)],
    filter: conditions.map(({ column, sign, value }) => `${column.name}${sign}${value}`),
    order: `${order.isDescending ? "-" : ""}${order.name}`,
    offset,
  };
  const filterKey = JSON.stringify(asked.filter);
  useEffect(() => setOffset(0), [filterKey]);
  const { page, error, isLoading } = usePage(run, asked, version);
  const sortBy = (name) => {
    setOrder({ name, isDescending: order.name === name && !order.isDescending });
    setOffset(0);
  };
  return html`<section class="card wide points" aria-label="Points">
    <h2>Points</h2>
    <${PointsFilter} columns=${columns} conditions=${conditions} onChange=${onConditions} />
    <${ColumnChoice} columns=${columns} names=${names} onChange=${setChosen} />
    ${error && html`<p class="problem" role="alert">The points could not be loaded: ${error.message}</p>`}
    ${!page && !error && html`<p class="nothing">Loading the points …</p>`}
    ${page && html`
      <div class="scroll" tabindex="0" role="group" aria-label="Table of points" aria-busy=${isLoading}>
        <table class="facts">
          <caption class="unseen">Points, by ${columns.find(({ name }) => name === order.name).label}, ${order.isDescending ? "falling" : "rising"}</caption>
          <thead><tr>
            ${shown.map((column) => html`
              <${Head} key=${column.name} column=${column} order=${order} onSort=${() => sortBy(column.name)} />
              ${mayRun && column.name === "point" && html`<td></td>`}
            `)}
          </tr></thead>
          <tbody>
            ${page.records.map((record) => html`<${Row} key=${record.point} run=${run} columns=${shown} record=${record} mayRun=${mayRun} />`)}
          </tbody>
        </table>
      </div>
      <${Pager} offset=${offset} rows=${page.records.length} matching=${page.matching} onMove=${setOffset} />`}
  </section>`;
}

function firstColumns(sweep, columns) {
  const metrics = (sweep.spec.metrics ?? []).map(({ name }) => name);
  const objective = sweep.spec.objective ? [sweep.spec.objective.metric] : [];
  const wanted = new Set([...FEWEST, "endReason", "reason", ...metrics, ...objective, ...FIRST_NUMBERS]);
  const varied = columns.filter(({ name }) => isVaried(name)).slice(0, 6).map(({ name }) => name);
  return [...varied, ...columns.map(({ name }) => name).filter((name) => wanted.has(name))];
}

function Head({ column, order, onSort }) {
  const isSorted = order.name === column.name;
  const direction = order.isDescending ? "descending" : "ascending";
  const sign = isSorted ? (order.isDescending ? "↓" : "↑") : "";
  return html`<th scope="col" class=${column.isNumber ? "number" : ""} aria-sort=${isSorted ? direction : undefined}>
    <button type="button" class="sort" title=${column.name} onClick=${onSort}>
      ${column.label} ${column.unit && html`<span class="unit">${column.unit}</span>`} <span aria-hidden="true">${sign}</span>
    </button>
  </th>`;
}

function Row({ run, columns, record, mayRun }) {
  return html`<tr>
    ${columns.map((column) => column.name === "point"
      ? html`<th scope="row" class="number">${record.point}</th>${mayRun && html`<td><${RunPoint} run=${run} point=${record.point} /></td>`}`
      : html`<td class=${column.isNumber ? "number" : ""}>${showValue(column, record[column.name])}</td>`)}
  </tr>`;
}

function ColumnChoice({ columns, names, onChange }) {
  const toggle = (name) => onChange(names.includes(name) ? names.filter((item) => item !== name) : [...names, name]);
  const offered = columns.filter(({ name }) => name !== "point");
  return html`<details class="more-columns">
    <summary>Columns</summary>
    <div class="chips">
      ${offered.map(({ name, label }) => html`<label class="chip" title=${name}>
        <input type="checkbox" checked=${names.includes(name)} onChange=${() => toggle(name)} /><span>${label}</span>
      </label>`)}
    </div>
  </details>`;
}

function Pager({ offset, rows, matching, onMove }) {
  const last = Math.max(0, Math.floor((matching - 1) / PAGE_ROWS) * PAGE_ROWS);
  const text = matching ? `${number(offset + 1, 12)} to ${number(offset + rows, 12)} of ${number(matching, 12)} points` : "No points match.";
  useEffect(() => announce(text), [text]);
  const button = (label, target, isOff) => html`<button type="button" disabled=${isOff} onClick=${() => onMove(target)}>${label}</button>`;
  return html`<div class="count pager">
    ${button("First", 0, offset === 0)} ${button("Previous", Math.max(0, offset - PAGE_ROWS), offset === 0)}
    <span>${text}</span>
    ${button("Next", offset + PAGE_ROWS, offset >= last)} ${button("Last", last, offset >= last)}
  </div>`;
}
