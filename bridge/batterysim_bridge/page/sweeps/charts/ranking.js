// What matters most for a column: a bar for each varied one.
import { html, useMemo } from "../../common/html.js";
import { number } from "../../common/quantity.js";
import { MOST_RANKED } from "../points.js";
import { morrisEffects, sobolIndices } from "./sensitivity.js";

const DEFAULT_LEVELS = 4;
const SOBOL = {
  note: "Sobol's indices: the share of the variance that each explains, alone and with all interactions.",
  columns: [["total", "With interactions"], ["firstOrder", "Alone"]],
};
const MORRIS = {
  note: "Morris's effects: how much it changes over the whole range of each; the deviation says whether that depends on the others.",
  columns: [["meanAbsolute", "Mean amount"], ["mean", "Mean"], ["standardDeviation", "Deviation"]],
};

// table: with every varied column and the one that is explained; points: how many the design has.
export function Ranking({ table, design, kind, varied, column, points }) {
  const values = table.values.get(column.name);
  const missing = points - values.filter((value) => typeof value === "number").length;
  const { note, columns } = kind === "morris" ? MORRIS : SOBOL;
  const ranked = useMemo(() => (missing ? [] : rankingOf(table, design, kind, varied, values)), [table, kind, column]);
  if (points > MOST_RANKED) {
    return html`<p class="notice">
      ${number(points, 12)} points are too many for this page. In Python, <code>batterysim.${kind === "morris" ? "morris_effects" : "sobol_indices"}</code> ranks them.
    </p>`;
  }
  if (missing) {
    return html`<p class="notice">
      No ranking: ${number(missing, 12)} of ${number(points, 12)} points have no ${column.label}. It needs all of them, and none is
      guessed. See why points have failed, and narrow the ranges until all can be solved.
    </p>`;
  }
  const most = Math.max(...ranked.map((item) => Math.abs(item[columns[0][0]])), Number.MIN_VALUE);
  const drawn = columns.slice(0, kind === "morris" ? 1 : 2);
  const unit = kind === "morris" ? column.unit : "";
  return html`
    <p class="chart-caption muted">${note}</p>
    <div class="scroll" tabindex="0" role="group" aria-label=${`Ranking for ${column.label}`}>
      <table class="facts bars ranking">
        <thead><tr>
          <th scope="col">Varied</th>
          ${columns.map(([name, label]) => html`<th scope="col" class="number"><${Mark} name=${name} isDrawn=${drawn.some(([known]) => known === name)} />${label} ${unit && html`<span class="unit">${unit}</span>`}</th>`)}
          <td></td>
        </tr></thead>
        <tbody>
          ${ranked.map((item) => html`<tr>
            <th scope="row">${item.label}</th>
            ${columns.map(([name]) => html`<td class="number">${number(item[name], 3)}</td>`)}
            <td class="bar-cell">${drawn.map(([name]) => html`<${Bar} share=${item[name] / most} name=${name} />`)}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>
  `;
}

function Mark({ name, isDrawn }) {
  return isDrawn && html`<svg class=${`mark bar-${name}`} width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" /></svg> `;
}

function Bar({ share, name }) {
  const width = Math.max(0, Math.min(1, Math.abs(share))) * 100;
  return html`<svg class=${`bar bar-${name}`} width="100%" height="10" aria-hidden="true"><rect width=${`${width}%`} height="10" rx="2" /></svg>`;
}

function rankingOf(table, design, kind, varied, values) {
  const found = kind === "morris"
    ? morrisEffects(values, varied.map(({ name }) => table.values.get(name)), design.levels ?? DEFAULT_LEVELS)
    : sobolIndices(values, varied.length);
  const key = kind === "morris" ? "meanAbsolute" : "total";
  return found.map((item, index) => ({ ...item, label: varied[index].label })).sort((one, other) => other[key] - one[key]);
}
