// One simulation in the list.
import { html } from "../common/html.js";
import { PhaseBadge } from "../simulation/phase_badge.js";
import { ProgressBar } from "../simulation/progress_bar.js";
import { age, duration, moment, number } from "../common/quantity.js";
import { detailAddress } from "../router.js";
import { endReasonOf, phaseOf, runSeconds } from "../simulation/simulation.js";

export function ListRow({ simulation, now, isSelected, onToggle }) {
  const { namespace, name, creationTimestamp } = simulation.metadata;
  const { progress, protocol, summary, failure } = simulation.status ?? {};
  const phase = phaseOf(simulation);
  const charge = summary?.dischargeCapacityAmpereHours;
  return html`<tr role="row" data-run=${`${namespace}/${name}`}>
    <td role="cell" class="cell-select">
      <input
        type="checkbox" checked=${isSelected} aria-label=${`Compare ${name}`} disabled=${!summary}
        onChange=${() => onToggle({ namespace, name })}
      />
    </td>
    <th role="rowheader" scope="row" class="cell-name">
      <a href=${detailAddress(namespace, name)}>${name}</a><span class="muted">${namespace}</span>
    </th>
    <td role="cell" class="cell-phase">
      <${PhaseBadge} phase=${phase} />
      ${phase === "Running" && html`<${ProgressBar} progress=${progress} label=${`Progress of ${name}`} />`}
    </td>
    <${Cell} label="Protocol">${protocol}<//>
    <${Cell} label="Ended by" title=${failure?.message}>${endReasonOf(simulation)}<//>
    <${Cell} label="Net charge" isNumber>${charge !== undefined && `${number(charge, 4, 1e-9)} A·h`}<//>
    <${Cell} label="Run time" isNumber>${duration(runSeconds(simulation, now))}<//>
    <${Cell} label="Age" isNumber title=${moment(creationTimestamp)}>${age(creationTimestamp, now)}<//>
  </tr>`;
}

function Cell({ label, isNumber, title, children }) {
  const isEmpty = !children || children === "–";
  return html`<td role="cell" class=${`${isNumber ? "number" : ""} ${isEmpty ? "empty" : ""}`} data-label=${label} title=${title}>
    ${isEmpty ? html`<span class="muted">–</span>` : children}
  </td>`;
}
