// The list of sweeps.
import { AccessProblem } from "../session/access_problem.js";
import { html, useMemo } from "../common/html.js";
import { PhaseFilter, TextFilter, NamespaceFilter } from "../list/filters.js";
import { useLiveList } from "../list/live_list.js";
import { useOwnNamespace } from "../list/own_namespace.js";
import { useNow } from "../common/now.js";
import { age, duration, moment, number } from "../common/quantity.js";
import { replaceAddress, route, sweepAddress, sweepsAddress } from "../router.js";
import { refusalOf, useRights } from "../session/rights.js";
import { PhaseBadge } from "../simulation/phase_badge.js";
import { ProgressBar } from "../simulation/progress_bar.js";
import { progressOf, RESOURCE, SWEEP_PHASES, SWEEPS } from "./sweep.js";

const AGE_MILLISECONDS = 5000;
const NUMBERS = ["Points", "Failed", "Rate", "Left", "Best value", "Age"];
const COLUMNS = ["Name", "Phase", ...NUMBERS];

export function SweepListView({ parameters }) {
  const filter = filterOf(parameters);
  const { rights, error: noRights } = useRights(filter.namespace || undefined, undefined, RESOURCE);
  const refusal = noRights ?? refusalOf(rights, "list");
  const { state, error: failure, loadMore } = useLiveList(SWEEPS, rights && !refusal ? filter : null);
  const error = refusal ?? failure;
  useOwnNamespace(error, filter, sweepsAddress);
  return html`
    <header class="view-header"><h1>Sweeps</h1></header>
    <${Filters} filter=${filter} items=${state.items} />
    ${error
      ? html`<${AccessProblem} error=${error} namespace=${filter.namespace} />`
      : html`<${Sweeps} state=${state} filter=${filter} onMore=${loadMore} />`}
  `;
}

function filterOf(parameters) {
  return {
    namespace: parameters.get("namespace") ?? "",
    phase: parameters.getAll("phase"),
    q: parameters.get("q") ?? "",
  };
}

function Filters({ filter, items }) {
  const namespaces = useMemo(() => [...new Set(items.map((item) => item.metadata.namespace))].sort(), [items]);
  const change = (part) => replaceAddress(sweepsAddress({ ...filterOf(route.get().parameters), ...part }));
  return html`<form class="filters" role="search" aria-label="Sweeps" onSubmit=${(event) => event.preventDefault()}>
    <${TextFilter} label="Name" value=${filter.q} placeholder="part of the name" onChange=${(q) => change({ q })} />
    <${NamespaceFilter} value=${filter.namespace} namespaces=${namespaces} onChange=${(namespace) => change({ namespace })} />
    <${PhaseFilter} phases=${SWEEP_PHASES} chosen=${filter.phase} onChange=${(phase) => change({ phase })} />
  </form>`;
}

function Sweeps({ state, filter, onMore }) {
  const now = useNow(AGE_MILLISECONDS);
  if (state.loadedTime === null) return html`<p class="nothing">Loading the sweeps …</p>`;
  if (!state.items.length) return html`<${Nothing} filter=${filter} />`;
  return html`
    <${SweepTable} sweeps=${state.items} now=${now} />
    <p class="count">
      ${state.items.length} of ${state.total}
      ${state.nextCursor && html`<button type="button" onClick=${onMore}>Load more</button>`}
    </p>
  `;
}

function SweepTable({ sweeps, now }) {
  return html`<table class="simulations sweeps" role="table">
    <caption class="unseen">Sweeps, the newest first</caption>
    <thead role="rowgroup">
      <tr role="row">
        ${COLUMNS.map((name) => html`<th scope="col" role="columnheader" class=${NUMBERS.includes(name) ? "number" : ""}>${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${sweeps.map((sweep) => html`<${Row} key=${sweep.metadata.uid} sweep=${sweep} now=${now} />`)}
    </tbody>
  </table>`;
}

function Row({ sweep, now }) {
  const { namespace, name, creationTimestamp } = sweep.metadata;
  const phase = sweep.status?.phase ?? "Pending";
  const { points, failed, percent, pointsPerSecond, etaSeconds } = progressOf(sweep);
  const isRunning = phase === "Running";
  return html`<tr role="row" data-run=${`${namespace}/${name}`}>
    <th role="rowheader" scope="row" class="cell-name">
      <a href=${sweepAddress(namespace, name)}>${name}</a><span class="muted">${namespace}</span>
    </th>
    <td role="cell" class="cell-phase">
      <${PhaseBadge} phase=${phase} />
      ${isRunning && html`<${ProgressBar} progress=${{ percent }} label=${`Progress of ${name}`} />`}
    </td>
    <${Cell} label="Points">${points ? number(points) : null}<//>
    <${Cell} label="Failed">${failed ? number(failed) : null}<//>
    <${Cell} label="Rate">${pointsPerSecond !== undefined && `${number(pointsPerSecond, 3)} points/s`}<//>
    <${Cell} label="Left">${isRunning && etaSeconds !== undefined && duration(etaSeconds)}<//>
    <${Cell} label="Best value">${sweep.status?.best?.length > 0 && number(sweep.status.best[0].value)}<//>
    <${Cell} label="Age" title=${moment(creationTimestamp)}>${age(creationTimestamp, now)}<//>
  </tr>`;
}

function Cell({ label, title, children }) {
  return html`<td role="cell" class=${`number ${children ? "" : "empty"}`} data-label=${label} title=${title}>
    ${children || html`<span class="muted">–</span>`}
  </td>`;
}

function Nothing({ filter }) {
  const isFiltered = filter.q || filter.phase.length || filter.namespace;
  if (!isFiltered) {
    return html`<div class="nothing">
      <p>There are no sweeps yet.</p>
      <p>Create one with <code>kubectl apply -f examples/sweeps/c-rates.yaml</code>.</p>
    </div>`;
  }
  return html`<div class="nothing">
    <p>No sweeps match.</p>
    <a class="button" href=${sweepsAddress()}>Show all</a>
  </div>`;
}
