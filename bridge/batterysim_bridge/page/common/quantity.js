// Numbers for people. A field's name ends in its unit, so its label and unit are read from the name.

const UNITS = [
  ["AmpereHours", "A·h"],
  ["WattHours", "W·h"],
  ["Amperes", "A"],
  ["Bytes", "B"],
  ["Celsius", "°C"],
  ["Hertz", "Hz"],
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

const WORDS = {
  dischargeCapacity: "Net charge drawn",
  dischargeEnergy: "Net energy delivered",
  discharged: "Drawn",
  charged: "Put in",
};

// describeField("minVolts", 2.5) is { label: "Min voltage", text: "2.5", unit: "V" }.
export function describeField(name, value) {
  const found = UNITS.find(([ending]) => name.endsWith(ending));
  if (!found) return { label: sentence(name), text: plain(value), unit: "" };
  const [ending, unit, factor = 1, kept] = found;
  const stem = name.slice(0, -ending.length);
  return { label: labelOf(stem, ending, kept), text: number(value * factor), unit };
}

function labelOf(stem, ending, kept) {
  if (kept) return sentence(stem + (stem ? kept[0].toUpperCase() + kept.slice(1) : kept));
  const words = WORDS[stem] ?? sentence(stem);
  if (ending === "Volts") return `${words} voltage`;
  if (stem === "discharged" || stem === "charged") return `${words}, ${ending === "WattHours" ? "energy" : "charge"}`;
  return words;
}

function sentence(name) {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function plain(value) {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

export function number(value, digits = 5) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)) return value.toExponential(digits - 2);
  return String(Number(value.toPrecision(digits)));
}

// 0.04 is "40 ms", 75 is "1 min 15 s", 93784 is "1 d 2 h".
export function duration(seconds) {
  if (seconds === undefined || seconds === null || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const parts = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}`);
    if (parts.length === 2) break;
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
