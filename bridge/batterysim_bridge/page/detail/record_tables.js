// How each cycle and each step of an experiment went.
import { ChartPanel } from "../charts/chart_panel.js";
import { endedByInWords } from "../simulation/simulation.js";
import { html, useMemo, useState } from "../common/html.js";
import { CYCLE_LABELS, describeField, duration, number } from "../common/quantity.js";

const FEWEST_CYCLES_FOR_A_CHART = 3;

export function RecordTables({ cycles, steps }) {
  return html`
    ${cycles?.length >= FEWEST_CYCLES_FOR_A_CHART && html`<${CycleChart} cycles=${cycles} />`}
    ${cycles?.length > 0 && html`<${CycleTable} cycles=${cycles} />`}
    ${steps?.length > 0 && html`<${StepTable} steps=${steps} />`}
  `;
}

function CycleChart({ cycles }) {
  const [window, setWindow] = useState(null);
  const { data, curves, whole } = useMemo(() => cycleSeries(cycles), [cycles]);
  const range = window ?? whole;
  return html`<section class="charts" aria-label="Chart over cycles">
    <${ChartPanel}
      title="Capacity by cycle" unit="A·h" data=${data} curves=${curves} range=${range} isLast xLabel="Cycle"
      onSelect=${(low, high) => setWindow([low, high])} onReset=${() => setWindow(null)}
      onZoom=${(factor) => setWindow(around(range, factor))}
    />
  </section>`;
}

function cycleSeries(cycles) {
  const numbers = cycles.map((record) => record.cycle);
  const candidates = [
    ["gross discharge", cycles.map((record) => record.dischargeCapacityAmpereHours)],
    ["of the cell", cycles.map((record) => record.ageing?.capacityAmpereHours ?? null)],
  ].filter(([, values]) => values.some((value) => value !== null && value !== undefined));
  return {
    data: [numbers, ...candidates.map(([, values]) => values)],
    curves: candidates.map(([label], index) => ({ label, colourIndex: index })),
    whole: [numbers[0], numbers.at(-1)],
  };
}

function around([low, high], factor) {
  const middle = (low + high) / 2;
  return [middle - ((high - low) * factor) / 2, middle + ((high - low) * factor) / 2];
}

function CycleTable({ cycles }) {
  const flat = cycles.map(({ ageing, ...record }) => ({ ...record, ...ageing }));
  const names = Object.keys(flat[0]).filter((name) => name !== "cycle");
  const heads = names.map((name) => describeField(name, 0, CYCLE_LABELS));
  return html`<details class="card records">
    <summary><h2>Cycles</h2> <span class="muted">${cycles.length}</span></summary>
    <div class="scroll" tabindex="0" role="group" aria-label="Table of cycles">
      <table class="facts">
        <thead>
          <tr><th scope="col" class="number">Cycle</th>${heads.map(({ label, unit }) => html`<th scope="col" class="number">${label} <span class="unit">${unit}</span></th>`)}</tr>
        </thead>
        <tbody>
          ${flat.map((record) => html`<tr>
            <th scope="row" class="number">${record.cycle}</th>
            ${names.map((name) => html`<${CycleCell} name=${name} value=${record[name]} />`)}
          </tr>`)}
        </tbody>
      </table>
    </div>
  </details>`;
}

function CycleCell({ name, value }) {
  const { text, title } = value === undefined ? { text: "–" } : describeField(name, value, CYCLE_LABELS);
  return html`<td class="number" title=${title}>${text}</td>`;
}

function StepTable({ steps }) {
  return html`<details class="card records">
    <summary><h2>Steps</h2> <span class="muted">${steps.length}</span></summary>
    <div class="scroll" tabindex="0" role="group" aria-label="Table of steps">
      <table class="facts">
        <thead>
          <tr>
            <th scope="col" class="number">Cycle</th><th scope="col" class="number">Step</th><th scope="col">Instruction</th>
            <th scope="col" class="number">Ended at</th><th scope="col">Ended by</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map((step) => html`<tr>
            <td class="number">${step.cycle}</td><td class="number">${step.step}</td><th scope="row">${step.instruction}</th>
            <td class="number" title=${`${number(step.endTimeSeconds, 10)} s`}>${duration(step.endTimeSeconds, 3)}</td>
            <td title=${step.endedBy}>${endedByInWords(step.endedBy)}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>
  </details>`;
}
