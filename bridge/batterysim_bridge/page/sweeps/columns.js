// The columns of a sweep's table: their names, units and values for people.
import { describeName, number, sentence } from "../common/quantity.js";
import { inWords } from "../simulation/simulation.js";

const UNITS = { "A.h": "A·h", "W.h": "W·h", degC: "°C", Ohm: "Ω", deg: "°", 1: "" };
// Units of the table that the page shows as others: state of charge in %, resistance in mΩ.
const SHOWN_AS = { "A·h": "A.h", "W·h": "W.h", "°C": "degC", mΩ: "Ohm", "%": "1", C: "1" };
const LABELS = { point: "Point", endReason: "Ended by", partial: "Stopped early", cRate: "C-rate" };
const IN_WORDS = new Set(["reason", "endReason"]);
const TEXTS = new Set(["status", "reason", "message", "endReason", "partial", "limitingCell"]);
const DIGITS = 5;

// column: { name, unit } as in the table. Without a unit it holds text; "1" is the unit of pure numbers.
// Returns { name, label, unit, factor, isNumber }: a shown number is the table's times the factor.
export function describeColumn({ name, unit }) {
  if (name === "point") return { name, label: LABELS.point, unit: "", factor: 1, isNumber: true };
  if (TEXTS.has(name)) return { name, label: LABELS[name] ?? sentence(name), unit: "", factor: 1, isNumber: false };
  const isNumber = unit !== "";
  if (isVaried(name)) return { name, label: labelOfVaried(name), unit: unitInWords(unit ?? unitOfVaried(name)), factor: 1, isNumber };
  const known = describeName(name);
  if (known.unit && (unit === undefined || (SHOWN_AS[known.unit] ?? known.unit) === unit)) return { name, ...known, isNumber };
  return { name, label: name, unit: unitInWords(unit ?? ""), factor: 1, isNumber }; // a metric, as its user calls it
}

export function showValue(column, value) {
  if (value === null || value === undefined || value === "") return "–";
  if (column.isNumber && typeof value === "number") return number(value * column.factor, column.name === "point" ? 12 : DIGITS);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return IN_WORDS.has(column.name) ? inWords(value) : String(value);
}

export function withUnit({ label, unit }) {
  return unit ? `${label} [${unit}]` : label;
}

// "m2.s-1" is "m²·s⁻¹".
export function unitInWords(unit) {
  if (unit in UNITS) return UNITS[unit];
  return unit
    .replace(/([A-Za-z])(-?\d+)/g, (_, letter, power) => letter + [...power].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join(""))
    .replaceAll(".", "·");
}

// A path of a field, or PyBaMM's name of a parameter; columns of results have neither dots nor spaces.
export function isVaried(name) {
  return /[.\s[]/.test(name);
}

function labelOfVaried(name) {
  const parameter = /^(.*?) \[[^\]]*\]$/.exec(name);
  if (parameter && !name.includes("['")) return parameter[1];
  if (name.includes(" ") && !name.includes(".")) return name;
  const quoted = /\[['"](.*?)(?: \[[^\]]*\])?['"]\]$/.exec(name); // a name of PyBaMM's
  if (quoted) return quoted[1];
  const last = name.split(".").at(-1);
  return LABELS[last] ?? withNumber(name, describeName(last).label);
}

// A parameter's name has its unit; that of a field follows from the ending of its name.
function unitOfVaried(name) {
  const inBrackets = /\[([^\]]*)\]$/.exec(name.replace(/['"]\]$/, ""));
  if (inBrackets) return inBrackets[1];
  const { unit } = describeName(name.split(".").at(-1).replace(/^./, (letter) => letter.toUpperCase()));
  return SHOWN_AS[unit] ?? unit;
}

// "steps.0" is an item of a list.
function withNumber(name, label) {
  const item = /(\w+)\.(\d+)$/.exec(name);
  return item ? `${sentence(item[1])}, item ${item[2]}` : label;
}
