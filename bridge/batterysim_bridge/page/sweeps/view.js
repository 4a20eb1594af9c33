// One sweep: how it goes, its points, and all that is known about it.
import { AccessProblem } from "../session/access_problem.js";
import { announce } from "../common/announcer.js";
import { html, useEffect, useRef, useState } from "../common/html.js";
import { ConditionsTable } from "../detail/conditions_table.js";
import { DeleteButton } from "../detail/delete_button.js";
import { SpecView } from "../detail/spec_view.js";
import { useLiveObject } from "../live/live_object.js";
import { ProvenanceTable } from "../results/summary_table.js";
import { sweepsAddress } from "../router.js";
import { may, refusalOf, useRights } from "../session/rights.js";
import { session } from "../session/session.js";
import { FailureNotice } from "../simulation/failure_notice.js";
import { PhaseBadge } from "../simulation/phase_badge.js";
import { useStore } from "../common/store.js";
import { BestCurves, keepsBest } from "./best_curves.js";
import { BestPoints } from "./best_points.js";
import { SweepDownloads } from "./downloads.js";
import { FailedPoints } from "./failed_points.js";
import { SweepCharts } from "./charts/view.js";
import { useColumns } from "./points.js";
import { PointsTable } from "./points_table.js";
import { useSettled } from "../common/settled.js";
import { SweepProgress } from "./progress.js";
import { mayBeSuspended, SuspendButton } from "./suspend_button.js";
import { designInWords, designOf, hasEnded, RESOURCE, storedRows, sweepPath } from "./sweep.js";
import { VariedTable } from "./varied_table.js";

export function SweepView({ run }) {
  const { rights, error: noRights } = useRights(run.namespace, run.name, RESOURCE);
  const refusal = noRights ?? refusalOf(rights, "get");
  const { object: sweep, error: failure, isDeleted } = useLiveObject(sweepPath(run), hasEnded, may(rights, "get"));
  const error = refusal ?? failure;
  const phase = sweep && (sweep.status?.phase ?? "Pending");
  useEffect(() => {
    if (phase) announce(`${run.name}: ${phase}`);
  }, [phase]);
  if (error) return html`<h1>${run.name}</h1><${AccessProblem} error=${error} namespace=${run.namespace} />`;
  if (!sweep) return html`<h1>${run.name}</h1><p class="nothing">Loading the sweep …</p>`;
  return html`
    <${Heading} run=${run} sweep=${sweep} phase=${phase} rights=${rights} isDeleted=${isDeleted} />
    ${isDeleted && html`<p class="notice notice-error" role="alert">This sweep has been deleted, and its table with it.</p>`}
    <${SweepProgress} sweep=${sweep} />
    <${FailureNotice} failure=${sweep.status?.failure} />
    <${RemovedTable} results=${sweep.status?.results} />
    ${storedRows(sweep) > 0 && !isDeleted && html`<${Points} run=${run} sweep=${sweep} />`}
    <div class="cards">
      ${storedRows(sweep) === 0 && html`<${FailedPoints} sweep=${sweep} />`}
      <${VariedTable} sweep=${sweep} />
      <${ConditionsTable} simulation=${sweep} />
      <${ProvenanceTable} simulation=${sweep} />
      <${SpecView} simulation=${sweep} />
    </div>
  `;
}

// All that needs the stored points.
function Points({ run, sweep }) {
  const known = useStore(session);
  const { rights } = useRights(run.namespace);
  const mayRun = Boolean(known) && may(rights, "create");
  const [conditions, setConditions] = useState([]);
  const table = useRef(null);
  const { columns, error } = useColumns(run, true);
  const version = useSettled(storedRows(sweep));
  const show = (name, value) => {
    setConditions([{ column: columns.find((column) => column.name === name), sign: "=", value }]);
    table.current.scrollIntoView();
    table.current.focus();
  };
  if (error) return html`<p class="notice notice-error" role="alert">The points could not be loaded: ${error.message}</p>`;
  return html`
    ${columns && html`<${SweepCharts} run=${run} sweep=${sweep} columns=${columns} version=${version} mayRun=${mayRun} />`}
    <${BestPoints} run=${run} sweep=${sweep} mayRun=${mayRun} />
    ${keepsBest(sweep) && html`<${BestCurves} run=${run} sweep=${sweep} />`}
    <${FailedPoints} sweep=${sweep} onShow=${columns && ((reason) => show("reason", reason))} />
    <div ref=${table} tabindex="-1" class="points-place">
      ${columns && html`<${PointsTable} run=${run} sweep=${sweep} columns=${columns} version=${version} conditions=${conditions} onConditions=${setConditions} mayRun=${mayRun} />`}
    </div>
    <${SweepDownloads} run=${run} results=${sweep.status.results} />
  `;
}

function Heading({ run, sweep, phase, rights, isDeleted }) {
  const known = useStore(session);
  const { namespace } = run;
  const { points } = sweep.status?.design ?? {};
  return html`<header class="view-header">
    <div>
      <p class="crumbs"><a href=${sweepsAddress({ namespace })}>${namespace}</a></p>
      <h1>${run.name}</h1>
      <p class="subtitle">
        <${PhaseBadge} phase=${phase} /> ${designInWords(designOf(sweep))}${points !== undefined && `, ${points} ${points === 1 ? "point" : "points"}`}
      </p>
    </div>
    <div class="actions">
      ${known && may(rights, "patch") && !isDeleted && mayBeSuspended(sweep) && html`<${SuspendButton} run=${run} sweep=${sweep} />`}
      ${known && may(rights, "delete") && !isDeleted && html`<${DeleteButton}
        run=${run} isUnderWay=${!hasEnded(sweep)} noun="sweep" belonging="table" path=${sweepPath(run)} back=${sweepsAddress}
      />`}
    </div>
  </header>`;
}

function RemovedTable({ results }) {
  if (!results?.removedTime) return null;
  return html`<p class="notice">The table is no longer stored: ${results.removalMessage ?? "retention has removed it"}.</p>`;
}
