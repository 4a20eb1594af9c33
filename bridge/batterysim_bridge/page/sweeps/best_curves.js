// The curves of the best points, where the sweep keeps their whole results.
import { html, useMemo } from "../common/html.js";
import { ResultCharts } from "../results/charts.js";
import { useResultHeads } from "../results/heads.js";
import { hasEnded, pointPath } from "./sweep.js";

// More curves in one chart are hard to tell apart.
const MOST_CURVES = 6;

// While it runs, the best points change.
export function keepsBest(sweep) {
  const keep = sweep.spec.series?.keep ?? "None";
  return keep !== "None" && hasEnded(sweep) && sweep.status?.best?.length > 0;
}

export function BestCurves({ run, sweep }) {
  const { best } = sweep.status;
  const runs = useMemo(() => best.slice(0, MOST_CURVES).map(({ point }) => runOf(run, point)), [best]);
  const { heads, error } = useResultHeads(runs);
  if (error) return html`<p class="notice notice-error" role="alert">The curves of the best points could not be loaded: ${error.message}</p>`;
  if (!heads) return html`<p class="nothing">Loading the curves of the best points …</p>`;
  return html`<${ResultCharts} runs=${heads} />`;
}

// As a simulation's result, from another place.
function runOf(run, point) {
  return { namespace: run.namespace, name: `Point ${point}`, path: `${pointPath(run, point)}/result` };
}
