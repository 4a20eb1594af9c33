// The list of simulations.
import { AccessProblem } from "../session/access_problem.js";
import { html, useMemo, useState } from "../common/html.js";
import { filterOf, ListFilters } from "./filters.js";
import { ListRow } from "./row.js";
import { useLiveList } from "./live_list.js";
import { SIMULATIONS } from "../live/api.js";
import { useCatalogue } from "../live/catalogue.js";
import { useNow } from "../common/now.js";
import { useOwnNamespace } from "./own_namespace.js";
import { compareAddress, formAddress, listAddress, runKey } from "../router.js";
import { refusalOf, useRights } from "../session/rights.js";

const NUMBERS = ["Net charge", "Run time", "Age"];
const COLUMNS = ["Name", "Phase", "Protocol", "Ended by", "Net charge", "Run time", "Age"];
const AGE_MILLISECONDS = 5000;

export function ListView({ parameters, mayCreate }) {
  const filter = filterOf(parameters);
  const { rights, error: noRights } = useRights(filter.namespace || undefined);
  const refusal = noRights ?? refusalOf(rights, "list");
  const { state, error: failure, loadMore } = useLiveList(SIMULATIONS, rights && !refusal ? filter : null);
  const error = refusal ?? failure;
  const { catalogue } = useCatalogue(Boolean(rights) && !refusal);
  const [selected, setSelected] = useState([]);
  const namespaces = useMemo(
    () => [...new Set(state.items.map((item) => item.metadata.namespace))].sort(), [state.items],
  );
  useOwnNamespace(error, filter, listAddress);
  const toggle = (run) => {
    const key = runKey(run);
    const others = selected.filter((item) => runKey(item) !== key);
    setSelected(others.length < selected.length ? others : [...selected, run]);
  };
  return html`
    <header class="view-header">
      <h1>Simulations</h1>
      ${mayCreate && html`<a class="button primary" href=${formAddress()}>New simulation</a>`}
    </header>
    <${ListFilters} filter=${filter} namespaces=${namespaces} protocolTitles=${catalogue?.protocolTitles} />
    ${error
      ? html`<${AccessProblem} error=${error} namespace=${filter.namespace} />`
      : html`<${Simulations} state=${state} filter=${filter} mayCreate=${mayCreate} selected=${selected} onToggle=${toggle} onMore=${loadMore} />`}
    <${CompareBar} selected=${selected} onClear=${() => setSelected([])} />
  `;
}

function Simulations({ state, filter, mayCreate, selected, onToggle, onMore }) {
  const now = useNow(AGE_MILLISECONDS);
  if (!state.items.length) return html`<${Nothing} state=${state} filter=${filter} mayCreate=${mayCreate} />`;
  const chosen = new Set(selected.map(runKey));
  return html`
    <table class="simulations" role="table">
      <caption class="unseen">Simulations, the newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader"><span class="unseen">Compare</span></th>
          ${COLUMNS.map((name) => html`<th scope="col" role="columnheader" class=${NUMBERS.includes(name) ? "number" : ""}>${name}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${state.items.map((item) => {
          const key = runKey(item.metadata);
          return html`<${ListRow} key=${key} simulation=${item} now=${now} isSelected=${chosen.has(key)} onToggle=${onToggle} />`;
        })}
      </tbody>
    </table>
    <p class="count">
      ${state.items.length} of ${state.total}
      ${state.nextCursor && html`<button type="button" onClick=${onMore}>Load more</button>`}
    </p>
  `;
}

function Nothing({ state, filter, mayCreate }) {
  if (state.loadedTime === null) return html`<p class="nothing">Loading the simulations …</p>`;
  const isFiltered = filter.q || filter.protocol || filter.phase.length || filter.namespace;
  return html`<div class="nothing">
    <p>${isFiltered ? "No simulations match." : "There are no simulations yet."}</p>
    ${isFiltered
      ? html`<a class="button" href=${listAddress()}>Show all</a>`
      : html`<p>Create one${mayCreate && " here, or"} with <code>kubectl apply -f examples/cell-discharge.yaml</code>.</p>`}
  </div>`;
}

function CompareBar({ selected, onClear }) {
  if (!selected.length) return null;
  return html`<div class="compare-bar" role="region" aria-label="Selection">
    <span>${selected.length} selected</span>
    <a class="button primary" href=${compareAddress(selected)}>Compare</a>
    <button type="button" onClick=${onClear}>Clear</button>
  </div>`;
}
