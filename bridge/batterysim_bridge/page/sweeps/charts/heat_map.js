// A grid: a column over two varied ones, a cell for each of their values.
import { announce } from "../../common/announcer.js";
import { html, useMemo, useState } from "../../common/html.js";
import { number } from "../../common/quantity.js";
import { showValue } from "../columns.js";
import { colouring, fractionOf, textOn } from "./colours.js";
import { Legend } from "./legend.js";
import { PlotFrame } from "./plot_frame.js";
import { axisLabel, Caption, describePoint } from "./scatter.js";
import { scaleOf } from "./scale.js";

const LEAST_HEIGHT = 200;
const MOST_HEIGHT = 420;
const ROW_PIXELS = 34;
const FEWEST_FOR_TEXT = { width: 46, height: 18 };
const MOST_IN_TABLE = 1000;
const MOVES = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// others: the varied columns that are neither x nor y; the map is for one value of each.
export function HeatMap({ run, table, x, y, colour, others, mayRun }) {
  const [hit, setHit] = useState(null); // { column, row }
  const [chosen, setChosen] = useState(null);
  const [levels, setLevels] = useState({});
  const grid = useMemo(() => gridOf(table, x, y, colour, others, levels), [table, x, y, colour, others, levels]);
  if (!grid) return html`<p class="nothing">No point has a value of ${colour.label} yet.</p>`;
  const { columns, rows, cells, scale, choices } = grid;
  const describe = (cell) => {
    const index = cells.get(keyOf(cell));
    if (index !== undefined) return describePoint(table, index, [x, y, colour]);
    return `${x.label} ${showShown(x, columns[cell.column])}, ${y.label} ${showShown(y, rows[cell.row])}: no result`;
  };
  const cellAt = ([left, top], area) => ({
    column: Math.min(columns.length - 1, Math.max(0, Math.floor((left / area.width) * columns.length))),
    row: Math.min(rows.length - 1, Math.max(0, Math.floor((1 - top / area.height) * rows.length))),
  });
  const step = (event) => {
    const move = MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const from = chosen ?? { column: 0, row: 0 };
    const next = chosen === null ? from : {
      column: Math.min(columns.length - 1, Math.max(0, from.column + move[0])),
      row: Math.min(rows.length - 1, Math.max(0, from.row + move[1])),
    };
    setChosen(next);
    announce(describe(next));
  };
  const shown = hit ?? chosen;
  const point = chosen && cells.has(keyOf(chosen)) ? table.points[cells.get(keyOf(chosen))] : null;
  const band = (values, column) => ({ scale: bandScale(values, column), label: axisLabel(column, {}) });
  return html`
    ${choices.map(({ column, values, value }) => html`<label class="level">
      <span>${column.label} <span class="unit">${column.unit}</span></span>
      <select value=${String(value)} onChange=${(event) => setLevels({ ...levels, [column.name]: values[event.currentTarget.selectedIndex] })}>
        ${values.map((item) => html`<option value=${String(item)} selected=${item === value}>${showShown(column, item)}</option>`)}
      </select>
    </label>`)}
    <${Caption} run=${run} text=${shown && describe(shown)} point=${point} mayRun=${mayRun} />
    <${PlotFrame}
      name=${`Heat map of ${colour.label} over ${x.label} and ${y.label}`} hint="Arrow keys go through the cells."
      x=${band(columns, x)} y=${band(rows, y)} height=${Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, rows.length * ROW_PIXELS))}
      drawn=${grid} draw=${(context, area) => drawCells(context, area, grid, table.values.get(colour.name))}
      onPoint=${(place, area) => setHit(place && cellAt(place, area))} onChoose=${(place, area) => setChosen(cellAt(place, area))} onKeyDown=${step}
    >
      ${(area) => shown && html`<rect
        class="hit" x=${(shown.column / columns.length) * area.width} y=${(1 - (shown.row + 1) / rows.length) * area.height}
        width=${area.width / columns.length} height=${area.height / rows.length}
      />`}
    <//>
    <${Legend} column=${colour} scale=${scale} />
    ${columns.length * rows.length <= MOST_IN_TABLE && html`<${AsTable} x=${x} y=${y} colour=${colour} grid=${grid} values=${table.values.get(colour.name)} />`}
  `;
}

function AsTable({ x, y, colour, grid: { columns, rows, cells }, values }) {
  return html`<details class="more-columns">
    <summary>Heat map as a table</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="Heat map as a table">
      <table class="facts">
        <caption class="unseen">${colour.label} by ${y.label} in rows and ${x.label} in columns</caption>
        <thead><tr><td></td>${columns.map((value) => html`<th scope="col" class="number">${showShown(x, value)} <span class="unit">${x.unit}</span></th>`)}</tr></thead>
        <tbody>${rows.map((value, row) => html`<tr>
          <th scope="row">${showShown(y, value)} <span class="unit">${y.unit}</span></th>
          ${columns.map((_, column) => html`<td class="number">${showShown(colour, values[cells.get(keyOf({ column, row }))])}</td>`)}
        </tr>`)}</tbody>
      </table>
    </div>
  </details>`;
}

// Values that are shown already, in the unit of the page.
function showShown(column, value) {
  return showValue({ ...column, factor: 1 }, value);
}

function keyOf({ column, row }) {
  return `${column} ${row}`;
}

// cells: from a place to an index of the table. choices: the values of the other columns, and the chosen ones.
export function gridOf(table, x, y, colour, others, levels) {
  const valuesOf = ({ name }) => table.values.get(name);
  const scale = scaleOf(colour, valuesOf(colour), 0);
  if (!scale) return null;
  const choices = others.map((column) => {
    const values = distinct(valuesOf(column));
    return { column, values, value: levels[column.name] ?? values[0] };
  });
  const [columns, rows] = [distinct(valuesOf(x)), distinct(valuesOf(y))];
  const [columnAt, rowAt] = [indexOf(columns), indexOf(rows)];
  const cells = new Map();
  table.points.forEach((_, index) => {
    if (valuesOf(colour)[index] === null || choices.some(({ column, value }) => valuesOf(column)[index] !== value)) return;
    cells.set(keyOf({ column: columnAt.get(valuesOf(x)[index]), row: rowAt.get(valuesOf(y)[index]) }), index);
  });
  return { columns, rows, cells, scale, choices };
}

function distinct(values) {
  return [...new Set(values)].sort((one, other) => (typeof one === "number" ? one - other : String(one).localeCompare(String(other))));
}

function indexOf(values) {
  return new Map(values.map((value, index) => [value, index]));
}

function bandScale(values, column) {
  return { ticks: values.map((value, index) => ({ place: (index + 0.5) / values.length, text: String(showShown(column, value)) })) };
}

function drawCells(context, area, { columns, rows, cells, scale }, values) {
  const colourOf = colouring(scale);
  const [width, height] = [area.width / columns.length, area.height / rows.length];
  const hasText = width >= FEWEST_FOR_TEXT.width && height >= FEWEST_FOR_TEXT.height;
  context.clearRect(0, 0, area.width, area.height);
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const [key, index] of cells) {
    const [column, row] = key.split(" ").map(Number);
    const [left, top] = [column * width, area.height - (row + 1) * height];
    context.fillStyle = colourOf(values[index]);
    context.fillRect(left, top, Math.ceil(width - 0.5), Math.ceil(height - 0.5));
    if (!hasText || scale.categories) continue;
    context.fillStyle = textOn(fractionOf(scale, values[index]));
    context.fillText(number(values[index], 4), left + width / 2, top + height / 2, width - 4);
  }
}
