// Inputs that are bound to a path of the manifest, each with its unit and its problems.
// form: { manifest, change(path, value), problemsAt(path) }.
import { html, useEffect, useId, useState } from "../common/html.js";
import { linesOf, numberOf, rounded, textOf } from "./field_text.js";
import { getAt } from "./spec_path.js";

export function Field({ form, path, paths = [path], label, unit, hint, children }) {
  const id = useId();
  const problems = paths.flatMap((item) => form.problemsAt(item));
  const describedBy = [hint && `${id}-hint`, problems.length && `${id}-problem`].filter(Boolean).join(" ");
  return html`<div class=${`form-field ${problems.length ? "has-problem" : ""}`} data-path=${paths[0]}>
    <label for=${id}>${label}${unit && html` <span class="unit">${unit}</span>`}</label>
    ${children({ id, "aria-invalid": problems.length > 0, "aria-describedby": describedBy || undefined })}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    <div class="problem" id=${`${id}-problem`}>${problems.map((message) => html`<p>${message}</p>`)}</div>
  </div>`;
}

export function NumberField({ form, path, placeholder, ...about }) {
  return html`<${Field} form=${form} path=${path} ...${about}>
    ${(attributes) => html`<${NumberInput}
      value=${getAt(form.manifest, path)} placeholder=${placeholder} ...${attributes} onChange=${(value) => form.change(path, value)}
    />`}
  <//>`;
}

// What is typed stays as it is typed, also while it is no number yet.
export function NumberInput({ value, onChange, ...attributes }) {
  const [text, setText] = useState(textOf(value));
  useEffect(() => {
    if (numberOf(text) !== value) setText(textOf(value));
  }, [value]);
  const take = (event) => {
    setText(event.currentTarget.value);
    onChange(numberOf(event.currentTarget.value));
  };
  return html`<input type="text" inputmode="decimal" autocomplete="off" value=${text} onInput=${take} ...${attributes} />`;
}

export function TextField({ form, path, placeholder, onChange, ...about }) {
  const take = onChange ?? ((text) => form.change(path, text || undefined));
  return html`<${Field} form=${form} path=${path} ...${about}>
    ${(attributes) => html`<input
      type="text" autocomplete="off" spellcheck=${false} placeholder=${placeholder} value=${textOf(getAt(form.manifest, path))} ...${attributes}
      onInput=${(event) => take(event.currentTarget.value.trim())}
    />`}
  <//>`;
}

// options: [[value, text], …]
export function SelectField({ form, path, options, value, onChange, ...about }) {
  const chosen = textOf(value ?? getAt(form.manifest, path));
  const offered = options.some(([option]) => option === chosen) ? options : [[chosen, chosen], ...options];
  const take = onChange ?? ((next) => form.change(path, next || undefined));
  return html`<${Field} form=${form} path=${path} ...${about}>
    ${(attributes) => html`<select value=${chosen} ...${attributes} onChange=${(event) => take(event.currentTarget.value)}>
      ${offered.map(([option, text]) => html`<option value=${option} selected=${option === chosen}>${text}</option>`)}
    </select>`}
  <//>`;
}

const UNITS_OF_TIME = { s: 1, min: 60, h: 3600 };

export function DurationField({ form, path, label, ...about }) {
  const seconds = getAt(form.manifest, path);
  const [unit, setUnit] = useState(() => fittingUnit(seconds));
  const size = UNITS_OF_TIME[unit];
  return html`<${Field} form=${form} path=${path} label=${label} ...${about}>
    ${(attributes) => html`<span class="joined">
      <${NumberInput}
        value=${typeof seconds === "number" ? rounded(seconds / size) : seconds} ...${attributes}
        onChange=${(value) => form.change(path, typeof value === "number" ? rounded(value * size) : value)}
      />
      <select aria-label=${`${label}: unit`} value=${unit} onChange=${(event) => setUnit(event.currentTarget.value)}>
        ${Object.keys(UNITS_OF_TIME).map((name) => html`<option value=${name}>${name}</option>`)}
      </select>
    </span>`}
  <//>`;
}

function fittingUnit(seconds) {
  if (typeof seconds !== "number") return "s";
  return seconds % 3600 === 0 ? "h" : seconds % 60 === 0 ? "min" : "s";
}

// One number that can be given in one of several fields: [{ path, unit }, …].
export function AmountField({ form, choices, label, ...about }) {
  const [empty, setEmpty] = useState(choices[0].path);
  const given = choices.find(({ path }) => getAt(form.manifest, path) !== undefined)?.path ?? empty;
  const move = (path) => {
    setEmpty(path);
    form.changeAll([[given, undefined], [path, getAt(form.manifest, given)]]);
  };
  return html`<${Field} form=${form} paths=${choices.map(({ path }) => path)} label=${label} ...${about}>
    ${(attributes) => html`<span class="joined">
      <${NumberInput} value=${getAt(form.manifest, given)} ...${attributes} onChange=${(value) => form.change(given, value)} />
      <select aria-label=${`${label}: unit`} value=${given} onChange=${(event) => move(event.currentTarget.value)}>
        ${choices.map(({ path, unit }) => html`<option value=${path}>${unit}</option>`)}
      </select>
    </span>`}
  <//>`;
}

export function LinesField({ form, path, rows, ...about }) {
  const written = linesOf(getAt(form.manifest, path)).join("\n");
  const [text, setText] = useState(written);
  useEffect(() => {
    if (linesOf(text).join("\n") !== written) setText(written);
  }, [written]);
  const take = (event) => {
    setText(event.currentTarget.value);
    form.change(path, linesOf(event.currentTarget.value));
  };
  return html`<${Field} form=${form} path=${path} ...${about}>
    ${(attributes) => html`<textarea rows=${rows} spellcheck=${false} value=${text} ...${attributes} onInput=${take} />`}
  <//>`;
}
