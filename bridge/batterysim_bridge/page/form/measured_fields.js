// The part of the form about measured data to compare with: one series; several go into the YAML.
import { html, useState } from "../common/html.js";
import { textOf } from "./field_text.js";
import { Field, SelectField } from "./fields.js";
import { getAt, partsOf } from "./spec_path.js";

const PATH = "spec.output.measured";
const QUANTITIES = [
  ["Voltage", "Voltage in V"], ["Current", "Current in A"], ["Power", "Power in W"], ["Temperature", "Temperature in °C"],
];

export function MeasuredFields({ form }) {
  const given = getAt(form.manifest, PATH);
  const [chosen, choose] = useState("Voltage");
  const series = Array.isArray(given) && given.length === 1 ? partsOf(given[0]) : {};
  const quantity = given === undefined ? chosen : (series.quantity ?? "Voltage");
  const change = (next) => {
    choose(next.quantity);
    form.change(PATH, next.csv ? [next] : undefined);
  };
  return html`<fieldset class="group">
    <legend>Measured data</legend>
    ${given !== undefined && !("csv" in series)
      ? html`<p class="hint">There are several series, or they are in a ConfigMap: change them in the YAML.</p>`
      : html`
        <${SelectField}
          form=${form} path=${`${PATH}.quantity`} paths=${[]} label="Measured quantity" value=${quantity} options=${QUANTITIES}
          onChange=${(next) => change({ quantity: next, csv: series.csv })}
        />
        <${Field} form=${form} path=${PATH} label="Data" hint="empty: nothing to compare with; CSV with the time since the start in s, and the quantity, or with headings such as: Time [min],Voltage [mV]">
          ${(attributes) => html`<textarea
            rows="4" spellcheck=${false} value=${textOf(series.csv)} ...${attributes}
            onInput=${(event) => change({ quantity, csv: event.currentTarget.value })}
          />`}
        <//>
      `}
  </fieldset>`;
}
