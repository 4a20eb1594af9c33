// One simulation: how it goes, its curves, and all that is known about it.
import { AccessProblem } from "../session/access_problem.js";
import { announce } from "../common/announcer.js";
import { ConditionsTable } from "./conditions_table.js";
import { DeleteButton } from "./delete_button.js";
import { DownloadButtons } from "./download_buttons.js";
import { html, useEffect } from "../common/html.js";
import { FailureNotice } from "../simulation/failure_notice.js";
import { simulationPath } from "../live/api.js";
import { useLiveObject } from "../live/live_object.js";
import { PhaseBadge } from "../simulation/phase_badge.js";
import { ProgressBar } from "../simulation/progress_bar.js";
import { duration } from "../common/quantity.js";
import { RecordTables } from "./record_tables.js";
import { ResultCharts } from "../results/charts.js";
import { compareAddress, formAddress, goingOnAddress, listAddress } from "../router.js";
import { may, refusalOf, useRights } from "../session/rights.js";
import { session } from "../session/session.js";
import { canBeContinued, hasEnded, hasResult, inWords, obstacleOf, phaseOf } from "../simulation/simulation.js";
import { SpecView } from "./spec_view.js";
import { useStore } from "../common/store.js";
import { ProvenanceTable, SummaryTable } from "../results/summary_table.js";
import { TimelineTable } from "./timeline_table.js";
import { useResultHeads } from "../results/heads.js";

export function DetailView({ run }) {
  const { rights, error: noRights } = useRights(run.namespace, run.name);
  const refusal = noRights ?? refusalOf(rights, "get");
  const path = simulationPath(run.namespace, run.name);
  const { object: simulation, error: failure, isDeleted } = useLiveObject(path, hasEnded, may(rights, "get"));
  const error = refusal ?? failure;
  const phase = simulation && phaseOf(simulation);
  const result = useResultHeads(simulation && hasResult(simulation) ? [run] : []);
  useEffect(() => {
    if (phase) announce(`${run.name}: ${phase}`);
  }, [phase]);
  if (error) return html`<h1>${run.name}</h1><${AccessProblem} error=${error} namespace=${run.namespace} />`;
  if (!simulation) return html`<h1>${run.name}</h1><p class="nothing">Loading the simulation …</p>`;
  return html`
    <${Heading} run=${run} simulation=${simulation} rights=${rights} isDeleted=${isDeleted} />
    ${isDeleted && html`<p class="notice notice-error" role="alert">This simulation has been deleted, and its result with it.</p>`}
    <${Progress} simulation=${simulation} />
    <${Obstacle} simulation=${simulation} />
    <${FailureNotice} failure=${simulation.status?.failure} />
    ${hasResult(simulation) && html`<${Result} run=${run} simulation=${simulation} ...${result} />`}
    <${RemovedResult} results=${simulation.status?.results} />
    <div class="cards">
      <${SummaryTable} runs=${[{ label: run.name, summary: result.heads?.[0]?.summary ?? simulation.status?.summary }]} />
      <${ConditionsTable} simulation=${simulation} />
      <${TimelineTable} simulation=${simulation} />
      <${ProvenanceTable} simulation=${simulation} />
      <${SpecView} simulation=${simulation} />
    </div>
  `;
}

function Heading({ run, simulation, rights, isDeleted }) {
  const known = useStore(session);
  const { namespace } = run;
  return html`<header class="view-header">
    <div>
      <p class="crumbs"><a href=${listAddress({ namespace })}>${namespace}</a></p>
      <h1>${run.name}</h1>
      <p class="subtitle"><${PhaseBadge} phase=${phaseOf(simulation)} /> ${simulation.status?.protocol}</p>
    </div>
    <div class="actions">
      ${hasResult(simulation) && html`<a class="button" href=${compareAddress([run])}>Compare</a>`}
      ${known && may(rights, "create") && html`<a class="button" href=${formAddress(run)}>Run again with changes</a>`}
      ${known && may(rights, "create") && canBeContinued(simulation) && html`<a class="button" href=${goingOnAddress(run)}>Go on from its end</a>`}
      ${known && may(rights, "delete") && !isDeleted && html`<${DeleteButton} run=${run} isUnderWay=${!hasEnded(simulation)} />`}
    </div>
  </header>`;
}

function Progress({ simulation }) {
  if (hasEnded(simulation)) return null;
  const { progress = {} } = simulation.status ?? {};
  const facts = [
    progress.stage ?? "Waiting",
    progress.cycle && `cycle ${progress.cycle} of ${progress.cycles}`,
    progress.step && `step ${progress.step} of ${progress.steps}`,
    progress.simulatedSeconds !== undefined && `${duration(progress.simulatedSeconds)} simulated`,
    progress.etaSeconds !== undefined && `about ${duration(progress.etaSeconds)} left`,
  ];
  return html`<section class="card live" aria-label="Progress">
    <${ProgressBar} progress=${progress} label="Progress of the run" />
    <p>${facts.filter(Boolean).join(" · ")}</p>
  </section>`;
}

function Obstacle({ simulation }) {
  const obstacle = obstacleOf(simulation);
  if (!obstacle) return null;
  return html`<section class="notice" aria-label="Cause of the wait">
    <h2>${inWords(obstacle.reason)}</h2>
    <p>${obstacle.message}</p>
  </section>`;
}

function RemovedResult({ results }) {
  if (!results?.removedTime) return null;
  return html`<p class="notice">The result is no longer stored: ${results.removalMessage ?? "retention has removed it"}.</p>`;
}

function Result({ run, simulation, heads, error }) {
  if (error) return html`<p class="notice notice-error" role="alert">The result could not be loaded: ${error.message}</p>`;
  const head = heads?.[0];
  return html`
    ${head ? html`<${ResultCharts} runs=${heads} />` : html`<p class="nothing">Loading the result …</p>`}
    <${DownloadButtons} run=${run} results=${simulation.status.results} />
    ${head && html`<${RecordTables} cycles=${head.cycles} steps=${head.steps} />`}
  `;
}
