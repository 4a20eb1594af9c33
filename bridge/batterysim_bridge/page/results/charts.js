// All charts of some runs: those over time, and those of impedances.
import { ImpedanceCharts } from "../charts/impedance_charts.js";
import { TimeCharts } from "../charts/time_charts.js";
import { html, useMemo } from "../common/html.js";

export function ResultCharts({ runs }) {
  const overTime = useMemo(() => runs.filter((run) => run.isOverTime), [runs]);
  const overFrequency = useMemo(() => runs.filter((run) => !run.isOverTime), [runs]);
  return html`
    ${overTime.length > 0 && html`<${TimeCharts} runs=${overTime} />`}
    ${overFrequency.length > 0 && html`<${ImpedanceCharts} runs=${overFrequency} />`}
  `;
}
