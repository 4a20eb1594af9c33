// Numbers for people. A field's name ends in its unit, so its label and unit are read from the name.

const UNITS = [
  ["AmpereHours", "A·h"],
  ["WattHours", "W·h"],
  ["Amperes", "A"],
  ["Bytes", "B"],
  ["Celsius", "°C"],
  ["Hertz", "Hz"],
  ["Kelvins", "K"],
  ["Moles", "mol"],
  ["Ohms", "mΩ", 1000],
  ["Percent", "%"],
  ["Seconds", "s"],
  ["StateOfCharge", "%", 100, "stateOfCharge"],
  ["stateOfHealth", "%", 100, "stateOfHealth"],
  ["Volts", "V"],
  ["Watts", "W"],
  ["CRate", "C", 1, "rate"],
];

// Net: discharged minus charged. Gross: one of the two. Throughput: their sum.
const SUMMARY_LABELS = {
  dischargeCapacityAmpereHours: "Net charge discharged",
  dischargeEnergyWattHours: "Net energy discharged",
  dischargedAmpereHours: "Gross discharge capacity",
  chargedAmpereHours: "Gross charge capacity",
  dischargedWattHours: "Gross discharge energy",
  chargedWattHours: "Gross charge energy",
  throughputAmpereHours: "Charge throughput",
  throughputWattHours: "Energy throughput",
  rmsErrorVolts: "RMS voltage error",
  maxErrorVolts: "Max voltage error",
  rmsErrorAmperes: "RMS current error",
  maxErrorAmperes: "Max current error",
  rmsErrorWatts: "RMS power error",
  maxErrorWatts: "Max power error",
  rmsErrorKelvins: "RMS temperature error",
  maxErrorKelvins: "Max temperature error",
};
// A cycle's record has the same names for what one half of it has moved.
export const CYCLE_LABELS = {
  dischargeCapacityAmpereHours: "Gross discharge capacity",
  chargeCapacityAmpereHours: "Gross charge capacity",
  dischargeEnergyWattHours: "Gross discharge energy",
  chargeEnergyWattHours: "Gross charge energy",
  capacityAmpereHours: "Capacity of the cell",
};
// Of charge, energy, voltage and the like, so little is what rounding has left of nothing.
const NOTHING = 1e-9;

// describeField("minVolts", 2.5) is { label: "Min voltage", text: "2.5", unit: "V" }; times have a title in s, too.
export function describeField(name, value, labels = SUMMARY_LABELS) {
  const { label, unit, factor } = describeName(name, labels);
  if (!unit) return { label, text: plain(value), unit };
  if (unit === "s") return { label, text: duration(value, 3), unit: "", title: `${number(value, 10)} s` };
  return { label, text: number(value * factor, 5, NOTHING), unit };
}

// describeName("internalResistanceOhms") is { label: "Internal resistance", unit: "mΩ", factor: 1000 }: a shown number
// is the field's times the factor. The unit is "" where the name has none.
export function describeName(name, labels = SUMMARY_LABELS) {
  const found = UNITS.find(([ending]) => name.endsWith(ending));
  if (!found) return { label: sentence(name), unit: "", factor: 1 };
  const [ending, unit, factor = 1, kept] = found;
  return { label: labels[name] ?? labelOf(name.slice(0, -ending.length), ending, kept), unit, factor };
}

function labelOf(stem, ending, kept) {
  if (kept) return sentence(stem + (stem ? kept[0].toUpperCase() + kept.slice(1) : kept));
  return ending === "Volts" ? `${sentence(stem)} voltage` : sentence(stem);
}

export function sentence(name) {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function plain(value) {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

// nothing: the magnitude below which a number is as good as 0.
export function number(value, digits = 5, nothing = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (value !== 0 && size < nothing) return "~0";
  if (size >= 1e6 && size < 1e12) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  if (value !== 0 && (size >= 1e12 || size < 1e-3)) return scientific(value, digits - 2);
  return String(Number(value.toPrecision(digits)));
}

// 8.3e-5 is "8.3 × 10⁻⁵".
function scientific(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  const raised = [...String(Number(exponent))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");
  return `${Number(mantissa)} × 10${raised}`;
}

// 0.04 is "40 ms", 75 is "1 min 15 s", 93784 is "1 d 2 h", and "1 d 2 h 3 min" in three units.
export function duration(seconds, units = 2) {
  if (seconds === undefined || seconds === null || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const parts = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}`);
    if (parts.length === units) break;
  }
  return parts.join(" ");
}

export function age(since, now) {
  const seconds = Math.max(0, (now - Date.parse(since)) / 1000);
  if (!Number.isFinite(seconds)) return "–";
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.floor(seconds)} s`;
}

export function bytes(size) {
  const steps = ["B", "kB", "MB", "GB"];
  let power = 0;
  let value = size;
  while (value >= 1000 && power < steps.length - 1) [value, power] = [value / 1000, power + 1];
  return `${number(value, 3)} ${steps[power]}`;
}

export function moment(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? "–" : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}
