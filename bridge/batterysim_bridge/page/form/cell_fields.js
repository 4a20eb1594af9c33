// The part of the form about the cell, its state at the start, and the model.
import { html } from "../common/html.js";
import { cellOf, describeCell, familyOf, withCell, withFamily } from "./cell_choice.js";
import { AmountField, Field, NumberField, SelectField, TextField } from "./fields.js";
import { EARLIER, goingOn, startingAtRest } from "./start.js";

const GROUPS = [["preset", "Premade cells"], ["parameterSet", "PyBaMM's parameter sets"]];
const THERMAL = [["", "isothermal"], ["lumped", "lumped: the cell warms as a whole"]];

export function CellFields({ form, catalogue }) {
  const cell = cellOf(form.manifest, catalogue);
  const value = cell ? `${cell.field} ${cell.name}` : "";
  const choose = (text) => {
    const [field, name] = text.split(" ");
    const chosen = catalogue.cells.find((item) => item.field === field && item.name === name);
    if (chosen) form.replace(withCell(form.manifest, chosen, catalogue));
  };
  return html`<fieldset class="group">
    <legend>Cell</legend>
    <${Field} form=${form} path="spec.cell" paths=${["spec.cell.parameterSet", "spec.cell.preset", "spec.cell.bpx"]} label="Cell" hint=${cell ? describeCell(cell) : "as written in the YAML"}>
      ${(attributes) => html`<select value=${value} ...${attributes} onChange=${(event) => choose(event.currentTarget.value)}>
        ${!cell && html`<option value="">other</option>`}
        ${GROUPS.map(([field, label]) => html`<optgroup label=${label}>
          ${catalogue.cells.filter((item) => item.field === field).map((item) => html`<option
            value=${`${field} ${item.name}`} selected=${item === cell}
          >${item.name}</option>`)}
        </optgroup>`)}
      </select>`}
    <//>
    <${AmountField} form=${startingAtRest(form)} label="State at the start" hint="empty: the cell's own; charge from 0 to 1" choices=${[
      { path: "spec.cell.initialStateOfCharge", unit: "state of charge" },
      { path: "spec.cell.initialVolts", unit: "V at rest" },
    ]} />
    <${TextField}
      form=${form} path=${EARLIER} label="Go on from" placeholder="no other simulation"
      hint="name of an earlier simulation in the namespace, of the same cell and model: this one starts as that one ended"
      onChange=${(name) => (name ? form.replace(goingOn(form.manifest, name)) : form.change(EARLIER, undefined))}
    />
    <${NumberField} form=${form} path="spec.cell.ambientTemperatureCelsius" label="Ambient temperature" unit="°C" placeholder="the cell's own" />
    <${NumberField} form=${form} path="spec.cell.nominalCapacityAmpereHours" label="Nominal capacity" unit="A·h" placeholder=${cell?.nominalCapacityAmpereHours ?? ""} />
    <${NumberField} form=${form} path="spec.cell.lowerCutoffVolts" label="Lower cut-off" unit="V" placeholder=${cell?.lowerCutoffVolts ?? ""} />
    <${NumberField} form=${form} path="spec.cell.upperCutoffVolts" label="Upper cut-off" unit="V" placeholder=${cell?.upperCutoffVolts ?? ""} />
  </fieldset>`;
}

export function ModelFields({ form, catalogue }) {
  const cell = cellOf(form.manifest, catalogue);
  const family = familyOf(form.manifest);
  const fitting = catalogue.models.filter(({ name }) => !cell || name in cell.models || name === family);
  const about = catalogue.models.find(({ name }) => name === family);
  return html`<fieldset class="group">
    <legend>Model</legend>
    <${SelectField}
      form=${form} path="spec.model.family" label="Family" value=${family} hint=${about?.title}
      options=${fitting.map(({ name }) => [name, name])}
      onChange=${(next) => form.replace(withFamily(form.manifest, next, catalogue))}
    />
    <${SelectField}
      form=${form} path="spec.model.options.thermal" paths=${["spec.model.options"]} label="Temperature of the cell"
      options=${THERMAL}
      hint="further options, such as ageing, go into the YAML"
    />
  </fieldset>`;
}
