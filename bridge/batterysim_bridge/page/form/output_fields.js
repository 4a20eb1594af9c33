// The part of the form about the result and the Job.
import { html } from "../common/html.js";
import { AmountField, NumberField } from "./fields.js";

export function OutputFields({ form }) {
  return html`<fieldset class="group">
    <legend>Result and run</legend>
    <${AmountField} form=${form} label="Points of the result" hint="empty: as suits the protocol" choices=${[
      { path: "spec.output.periodSeconds", unit: "s apart" }, { path: "spec.output.points", unit: "in all" },
    ]} />
    <${NumberField} form=${form} path="spec.run.deadlineSeconds" label="Deadline" unit="s" placeholder="3600" hint="of the whole run, waiting included" />
  </fieldset>`;
}
