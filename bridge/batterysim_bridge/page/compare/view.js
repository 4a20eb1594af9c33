// Several runs in the same charts, and their summaries side by side.
import { Swatch } from "../charts/swatch.js";
import { AccessProblem } from "../session/access_problem.js";
import { getJson, SIMULATIONS, withQuery } from "../live/api.js";
import { html, useEffect, useId, useState } from "../common/html.js";
import { ResultCharts } from "../results/charts.js";
import { useResultHeads } from "../results/heads.js";
import { compareAddress, detailAddress, readRunKey, replaceAddress, runKey } from "../router.js";
import { may, refusalOf, useRightsIn } from "../session/rights.js";
import { SummaryTable } from "../results/summary_table.js";

const OFFERED = 200;
const RUN_KEY = "[a-z0-9\\-]{1,63}\\/[a-z0-9.\\-]{1,253}"; // nothing else gets into the address

export function CompareView({ parameters }) {
  const runs = [...new Set(parameters.getAll("run"))].map(readRunKey).filter(Boolean);
  const namespaces = [...new Set(runs.map((run) => run.namespace))];
  const { all, error: noRights } = useRightsIn(namespaces.map((namespace) => ({ namespace })));
  const refused = all?.find((rights) => refusalOf(rights, "get"));
  const { heads, error: failure } = useResultHeads(all && !refused ? runs : []);
  const error = noRights ?? (refused ? refusalOf(refused, "get") : failure);
  const change = (next) => replaceAddress(compareAddress(next));
  return html`
    <header class="view-header"><h1>Compare</h1></header>
    <ul class="runs" aria-label="Runs">
      ${runs.map((run, index) => html`<li>
        <${Swatch} colourIndex=${index} />
        <a href=${detailAddress(run.namespace, run.name)}>${run.name}</a>
        <button
          type="button" class="icon" aria-label=${`Remove ${run.name}`}
          onClick=${() => change(runs.filter((other) => other !== run))}
        >✕</button>
      </li>`)}
      <li><${AddRun} runs=${runs} mayList=${may(all?.[0], "list")} onAdd=${(run) => change([...runs, run])} /></li>
    </ul>
    ${error && html`<${AccessProblem} error=${error} namespace=${refused?.namespace} />`}
    ${!runs.length && html`<p class="nothing">Add runs here, or choose some in the list.</p>`}
    ${runs.length > 0 && !error && !heads && html`<p class="nothing">Loading the results …</p>`}
    ${heads?.length > 0 && html`<${ResultCharts} runs=${heads} /><${SummaryTable} runs=${heads} />`}
  `;
}

function AddRun({ runs, mayList, onAdd }) {
  const id = useId();
  const [text, setText] = useState("");
  const offered = useFinishedRuns(runs[0]?.namespace, mayList);
  const known = new Set(runs.map(runKey));
  const submit = (event) => {
    event.preventDefault();
    const run = readRunKey(text.trim());
    if (run && !known.has(runKey(run))) onAdd(run);
    setText("");
  };
  return html`<form class="add-run" onSubmit=${submit}>
    <input
      type="text" list=${id} value=${text} aria-label="Add a run" placeholder="namespace/name" required pattern=${RUN_KEY}
      onInput=${(event) => setText(event.currentTarget.value)}
    />
    <datalist id=${id}>${offered.filter((key) => !known.has(key)).map((key) => html`<option value=${key} />`)}</datalist>
    <button type="submit">Add</button>
  </form>`;
}

// Only an offer: a user who may not list can still type a name.
function useFinishedRuns(namespace, mayList) {
  const [keys, setKeys] = useState([]);
  useEffect(() => {
    if (!mayList) return undefined;
    const ended = new AbortController();
    getJson(withQuery(SIMULATIONS, { namespace, phase: "Succeeded", limit: OFFERED }), ended.signal).then(
      (page) => setKeys(page.items.map((item) => runKey(item.metadata))),
      () => {},
    );
    return () => ended.abort();
  }, [namespace, mayList]);
  return keys;
}
