// Conditions on the points: chips that can be taken away, and a small form for another one.
import { html, useState } from "../common/html.js";
import { inWords } from "../simulation/simulation.js";
import { showValue } from "./columns.js";

const SIGNS_OF_NUMBERS = [["<=", "at most"], [">=", "at least"], ["<", "below"], [">", "above"], ["=", "equal to"], ["!=", "other than"]];
const SIGNS_OF_TEXTS = SIGNS_OF_NUMBERS.filter(([sign]) => sign === "=" || sign === "!=");

// A condition: { column, sign, value }, the value as the table has it. onChange gets all of them.
export function PointsFilter({ columns, conditions, onChange }) {
  return html`<div class="points-filter">
    <${NewCondition} columns=${columns} onAdd=${(condition) => onChange([...conditions, condition])} />
    ${conditions.length > 0 && html`<ul class="conditions-chosen" aria-label="Conditions">
      ${conditions.map((condition) => html`<li key=${conditionInWords(condition)}>
        ${conditionInWords(condition)}
        <button type="button" class="icon" aria-label=${`Remove ${conditionInWords(condition)}`} onClick=${() => onChange(conditions.filter((other) => other !== condition))}>✕</button>
      </li>`)}
    </ul>`}
  </div>`;
}

export function conditionInWords({ column, sign, value }) {
  const [, words] = SIGNS_OF_NUMBERS.find(([known]) => known === sign);
  const shown = column.isNumber ? `${showValue(column, value)}${column.unit && ` ${column.unit}`}` : inWords(String(value));
  return `${column.label} ${words} ${shown}`;
}

function NewCondition({ columns, onAdd }) {
  const [name, setName] = useState("status");
  const [sign, setSign] = useState("=");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const column = columns.find((item) => item.name === name) ?? columns[0];
  const signs = column.isNumber ? SIGNS_OF_NUMBERS : SIGNS_OF_TEXTS;
  const choose = (next) => {
    const { isNumber } = columns.find((item) => item.name === next);
    setName(next);
    setSign(isNumber ? "<=" : "=");
    setProblem("");
  };
  const submit = (event) => {
    event.preventDefault();
    const value = column.isNumber ? Number(text.trim().replace(",", ".")) / column.factor : text.trim();
    if (text.trim() === "" || (column.isNumber && !Number.isFinite(value))) {
      setProblem(column.isNumber ? `Write a number${column.unit && ` in ${column.unit}`}.` : "Write a word, such as Failed.");
      return;
    }
    setProblem("");
    setText("");
    onAdd({ column, sign, value });
  };
  return html`<form class="new-condition" aria-label="Filter the points" novalidate onSubmit=${submit}>
    <select aria-label="Column" value=${name} onChange=${(event) => choose(event.currentTarget.value)}>
      ${columns.map((item) => html`<option value=${item.name} selected=${item.name === name}>${item.label}</option>`)}
    </select>
    <select aria-label="Comparison" value=${sign} onChange=${(event) => setSign(event.currentTarget.value)}>
      ${signs.map(([known, words]) => html`<option value=${known} selected=${known === sign}>${words}</option>`)}
    </select>
    <input
      type="text" aria-label=${column.unit ? `Value in ${column.unit}` : "Value"} placeholder=${column.unit || (column.isNumber ? "number" : "word")}
      value=${text} autocomplete="off" spellcheck=${false} inputmode=${column.isNumber ? "decimal" : "text"}
      aria-invalid=${problem !== ""} aria-describedby="condition-problem" onInput=${(event) => setText(event.currentTarget.value)}
    />
    <button type="submit">Filter</button>
    <span class="problem" id="condition-problem" role="status">${problem}</span>
  </form>`;
}
