// Which charts a result gives.

// columns: those that are drawn if the result has them; the first one decides whether there is a chart.
export const STANDARD_PANELS = [
  { title: "Voltage", unit: "V", columns: ["Voltage [V]"], companions: ["Bulk open-circuit voltage [V]"] },
  { title: "Current", unit: "A", columns: ["Current [A]"], note: "positive discharges" },
  { title: "Cell temperature", unit: "°C", columns: ["Volume-averaged cell temperature [C]"] },
  { title: "State of charge", unit: "%", columns: ["State of charge"], factor: 100 },
];
// The data that the result was compared with, drawn over what was simulated.
const MEASURED = {
  "Voltage [V]": "Measured voltage [V]",
  "Current [A]": "Measured current [A]",
  "Power [W]": "Measured power [W]",
  "Volume-averaged cell temperature [C]": "Measured temperature [C]",
};
const SHORT_NAMES = { "Bulk open-circuit voltage [V]": "open-circuit", "Voltage [V]": "terminal" };
const ALWAYS_THERE = new Set(["Time [s]", ...STANDARD_PANELS.flatMap((panel) => panel.columns), ...Object.values(MEASURED)]);

// names: columns that at least one of the runs has. With several runs, companions would be too much.
export function panelsFor(names, extra, runCount) {
  const known = new Set(names);
  const standard = STANDARD_PANELS.filter((panel) => known.has(panel.columns[0])).map((panel) => ({
    ...panel,
    columns: [...withMeasured(panel.columns[0]), ...(runCount === 1 ? (panel.companions ?? []) : [])].filter((name) => known.has(name)),
  }));
  return [...standard, ...extra.filter((name) => known.has(name)).map((name) => panelOf(name, known))];
}

export function furtherColumns(names) {
  return names.filter((name) => !ALWAYS_THERE.has(name));
}

export function measuredOf(name) {
  return MEASURED[name];
}

function withMeasured(name) {
  return MEASURED[name] ? [name, MEASURED[name]] : [name];
}

function panelOf(name, known) {
  const [, title, unit = ""] = /^(.*?)(?: \[([^\]]*)\])?$/.exec(name);
  return { title, unit: unit === "C" ? "°C" : unit.replaceAll(".", "·"), columns: withMeasured(name).filter((one) => known.has(one)) };
}

export function columnLabel(name) {
  if (Object.values(MEASURED).includes(name)) return "measured";
  return SHORT_NAMES[name] ?? (MEASURED[name] ? "simulated" : name);
}

const UNITS_OF_TIME = [
  { unit: "d", seconds: 86400, from: 3 * 86400 },
  { unit: "h", seconds: 3600, from: 2 * 3600 },
  { unit: "s", seconds: 1, from: 0 },
];

export function unitOfTime(longestSeconds) {
  return UNITS_OF_TIME.find((item) => longestSeconds >= item.from);
}
