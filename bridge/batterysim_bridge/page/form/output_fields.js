// The parts of the form about the result, the Job, and measured data to compare with: one series; several go into the YAML.
import { html, useState } from "../common/html.js";
import { textOf } from "./field_text.js";
import { AmountField, Field, NumberField, SelectField } from "./fields.js";
import { getAt, partsOf } from "./spec_path.js";

const MEASURED = "spec.output.measured";
const QUANTITIES = [
  ["Voltage", "Voltage in V"], ["Current", "Current in A"], ["Power", "Power in W"], ["Temperature", "Temperature in °C"],
];

export function OutputFields({ form }) {
  return html`<fieldset class="group">
    <legend>Result and run</legend>
    <${AmountField} form=${form} label="Points of the result" hint="empty: as suits the protocol" choices=${[
      { path: "spec.output.periodSeconds", unit: "s apart" }, { path: "spec.output.points", unit: "in all" },
    ]} />
    <${NumberField} form=${form} path="spec.run.deadlineSeconds" label="Deadline" unit="s" placeholder="3600" hint="of the whole run, waiting included" />
  </fieldset>`;
}

export function MeasuredFields({ form }) {
  const given = getAt(form.manifest, MEASURED);
  const [chosen, choose] = useState("Voltage");
  const series = Array.isArray(given) && given.length === 1 ? partsOf(given[0]) : {};
  const quantity = given === undefined ? chosen : (series.quantity ?? "Voltage");
  const change = (next) => {
    choose(next.quantity);
    form.change(MEASURED, next.csv ? [next] : undefined);
  };
  return html`<fieldset class="group">
    <legend>Measured data</legend>
    ${given !== undefined && !("csv" in series)
      ? html`<p class="hint">There are several series, or they are in a ConfigMap: change them in the YAML.</p>`
      : html`
        <${SelectField}
          form=${form} path=${`${MEASURED}.quantity`} paths=${[]} label="Measured quantity" value=${quantity} options=${QUANTITIES}
          onChange=${(next) => change({ quantity: next, csv: series.csv })}
        />
        <${Field} form=${form} path=${MEASURED} label="Data" hint="empty: nothing to compare with; CSV with the time since the start in s, and the quantity, or with headings such as: Time [min],Voltage [mV]">
          ${(attributes) => html`<textarea
            rows="4" spellcheck=${false} value=${textOf(series.csv)} ...${attributes}
            onInput=${(event) => change({ quantity, csv: event.currentTarget.value })}
          />`}
        <//>
      `}
  </fieldset>`;
}
