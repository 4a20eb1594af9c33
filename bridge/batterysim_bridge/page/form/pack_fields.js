// The part of the form about a pack of the cell: its counts, its resistances, and the heat between its cells.
import { html } from "../common/html.js";
import { NumberField } from "./fields.js";

const BASE = "spec.pack";

export function PackFields({ form }) {
  return html`<fieldset class="group">
    <legend>Pack</legend>
    <${NumberField} form=${form} path=${`${BASE}.seriesCount`} label="Modules in series" placeholder="1" hint="empty, as all of these: a single cell" />
    <${NumberField} form=${form} path=${`${BASE}.parallelCount`} label="Cells in parallel" placeholder="1" hint="in each module" />
    <${NumberField} form=${form} path=${`${BASE}.connectionResistanceOhms`} label="Connection of a cell" unit="Ω" placeholder="0" hint="to its busbars, both ends together" />
    <${NumberField} form=${form} path=${`${BASE}.busbarResistanceOhms`} label="Busbar" unit="Ω" placeholder="0" hint="between two cells of a module, on each side" />
    <${NumberField} form=${form} path=${`${BASE}.interconnectResistanceOhms`} label="Between modules" unit="Ω" placeholder="0" />
    <${NumberField} form=${form} path=${`${BASE}.neighbourConductanceWattsPerKelvin`} label="Heat between neighbours" unit="W/K" placeholder="none" hint="with a lumped temperature; cells that differ go into the YAML" />
  </fieldset>`;
}
