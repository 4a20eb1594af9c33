// The part of the form about what is done to the cell.
import { html, useRef } from "../common/html.js";
import { duration } from "../common/quantity.js";
import { linesOf, textOf } from "./field_text.js";
import { AmountField, DurationField, Field, LinesField, NumberField, SelectField } from "./fields.js";
import { fromPreset, protocolDefaults, protocolOf } from "./protocol_defaults.js";
import { getAt } from "./spec_path.js";

const BASE = "spec.protocol";
const DISCHARGE = "positive discharges, negative charges";

export function ProtocolFields({ form, catalogue }) {
  const name = protocolOf(form.manifest, catalogue.protocols);
  const drafts = useRef({});
  const choose = (next) => {
    drafts.current[name] = getAt(form.manifest, `${BASE}.${name}`);
    form.change(BASE, { [next]: drafts.current[next] ?? protocolDefaults(catalogue)[next] ?? {} });
  };
  const Fields = FIELDS[name] ?? YamlOnly;
  return html`<fieldset class="group">
    <legend>Protocol</legend>
    <${SelectField}
      form=${form} path=${BASE} paths=${[]} label="What is done to the cell" value=${name} onChange=${choose}
      options=${catalogue.protocols.map((item) => [item, catalogue.protocolTitles[item]])}
    />
    ${name && html`<${Fields} key=${name} form=${form} catalogue=${catalogue} />`}
  </fieldset>`;
}

function ConstantCurrent({ form }) {
  const path = `${BASE}.constantCurrent`;
  return html`
    <${AmountField} form=${form} label="Current" hint=${DISCHARGE} choices=${[
      { path: `${path}.cRate`, unit: "C" }, { path: `${path}.currentAmperes`, unit: "A" },
    ]} />
    <${DurationField} form=${form} path=${`${path}.durationSeconds`} label="Duration" hint="unless a cut-off comes first" />
  `;
}

function ConstantPower({ form }) {
  const path = `${BASE}.constantPower`;
  return html`
    <${NumberField} form=${form} path=${`${path}.powerWatts`} label="Power" unit="W" hint=${DISCHARGE} />
    <${DurationField} form=${form} path=${`${path}.durationSeconds`} label="Duration" hint="unless a cut-off comes first" />
  `;
}

function ConstantVoltage({ form }) {
  const path = `${BASE}.constantVoltage`;
  return html`
    <${NumberField} form=${form} path=${`${path}.volts`} label="Voltage" unit="V" />
    <${DurationField} form=${form} path=${`${path}.durationSeconds`} label="Duration" />
    <${NumberField} form=${form} path=${`${path}.cutOffAmperes`} label="End at a current of" unit="A" placeholder="not before" />
  `;
}

function Cccv({ form }) {
  const path = `${BASE}.cccv`;
  return html`
    <${AmountField} form=${form} label="Charging current" choices=${[
      { path: `${path}.chargeCRate`, unit: "C" }, { path: `${path}.chargeCurrentAmperes`, unit: "A" },
    ]} />
    <${NumberField} form=${form} path=${`${path}.volts`} label="Voltage" unit="V" placeholder="the upper cut-off" />
    <${NumberField} form=${form} path=${`${path}.cutOffAmperes`} label="End at a current of" unit="A" placeholder="C/20" />
  `;
}

function Rest({ form }) {
  return html`<${DurationField} form=${form} path=${`${BASE}.rest.durationSeconds`} label="Duration" />`;
}

function DriveCycle({ form, catalogue }) {
  const path = `${BASE}.driveCycle`;
  const cycle = catalogue.driveCycles.find(({ name }) => name === getAt(form.manifest, `${path}.name`));
  return html`
    <${SelectField}
      form=${form} path=${`${path}.name`} label="Cycle" hint=${cycle && duration(cycle.durationSeconds)}
      options=${catalogue.driveCycles.map(({ name }) => [name, name])}
    />
    <${NumberField}
      form=${form} path=${`${path}.scale`} label="Scale" placeholder=${cycle?.needsScale ? "0.00025" : "1"}
      hint=${cycle?.needsScale ? "the power of a whole vehicle: 0.00025 is one of 4000 cells" : "the current is multiplied by this"}
    />
    <${NumberField} form=${form} path=${`${path}.repeat`} label="Times" placeholder="1" />
  `;
}

function Profile({ form }) {
  const path = `${BASE}.profile`;
  return html`
    <${SelectField} form=${form} path=${`${path}.quantity`} label="Quantity" hint=${DISCHARGE} options=${[
      ["Current", "Current in A"], ["CRate", "C-rate"], ["Power", "Power in W"], ["Voltage", "Voltage in V"],
    ]} />
    <${Field} form=${form} path=${`${path}.csv`} label="Profile" hint="two columns: time in s from 0, and the quantity">
      ${(attributes) => html`<textarea
        rows="6" spellcheck=${false} value=${textOf(getAt(form.manifest, `${path}.csv`))} ...${attributes}
        onInput=${(event) => form.change(`${path}.csv`, event.currentTarget.value)}
      />`}
    <//>
    <${NumberField} form=${form} path=${`${path}.scale`} label="Scale" placeholder="1" />
    <${NumberField} form=${form} path=${`${path}.repeat`} label="Times" placeholder="1" />
  `;
}

function Experiment({ form, catalogue }) {
  const path = `${BASE}.experiment`;
  const steps = linesOf(getAt(form.manifest, `${path}.steps`)).join();
  const preset = catalogue.experiments.find((item) => item.steps.join() === steps);
  const choose = (name) => {
    const chosen = catalogue.experiments.find((item) => item.name === name);
    if (chosen) form.change(path, fromPreset(chosen));
  };
  if (["structuredSteps", "blocks"].some((name) => getAt(form.manifest, `${path}.${name}`))) {
    return html`<p class="hint">The steps are field by field or in blocks: change them in the YAML.</p>`;
  }
  return html`
    <${SelectField}
      form=${form} path=${path} paths=${[]} label="Begin with" value=${preset?.name ?? ""} onChange=${choose}
      options=${[...(preset ? [] : [["", "own steps"]]), ...catalogue.experiments.map(({ name }) => [name, name])]}
    />
    <${LinesField}
      form=${form} path=${`${path}.steps`} rows="6" label="Steps"
      hint="one in each line, such as: Discharge at 1C until 2.5 V · Charge at C/2 for 1 hour or until 4.2 V · Hold at 4.2 V until 50 mA · Rest for 1 hour"
    />
    <${NumberField} form=${form} path=${`${path}.cycles`} label="Cycles" placeholder="1" />
  `;
}

function Impedance({ form }) {
  const path = `${BASE}.impedance.frequencyRange`;
  return html`
    <${NumberField} form=${form} path=${`${path}.lowestHertz`} label="Lowest frequency" unit="Hz" placeholder="0.001" />
    <${NumberField} form=${form} path=${`${path}.highestHertz`} label="Highest frequency" unit="Hz" placeholder="10000" />
    <${NumberField} form=${form} path=${`${path}.pointsPerDecade`} label="Points per decade" placeholder="10" />
  `;
}

function YamlOnly() {
  return html`<p class="hint">This protocol has no fields here: write it in the YAML.</p>`;
}

const FIELDS = {
  constantCurrent: ConstantCurrent,
  constantPower: ConstantPower,
  constantVoltage: ConstantVoltage,
  cccv: Cccv,
  rest: Rest,
  driveCycle: DriveCycle,
  profile: Profile,
  experiment: Experiment,
  impedance: Impedance,
};
