// What a simulation's metadata and status say, in the words of the page.

export const PHASES = ["Queued", "Pending", "Running", "Succeeded", "Failed", "Invalid"];
const ENDED = new Set(["Succeeded", "Failed", "Invalid"]);
const AT_WORK = new Set(["Starting", "Running", "StoringResult"]);

export function phaseOf(simulation) {
  return simulation.status?.phase ?? "Pending";
}

export function hasEnded(simulation) {
  return ENDED.has(phaseOf(simulation));
}

// The condition that says what a run waits for; undefined while it proceeds and once it has ended.
export function obstacleOf(simulation) {
  const course = simulation.status?.conditions?.find(({ type }) => type === "Succeeded");
  return course?.status === "Unknown" && !AT_WORK.has(course.reason) ? course : undefined;
}

export function hasResult(simulation) {
  const results = simulation.status?.results;
  return Boolean(results) && !results.removedTime;
}

// Whether another simulation can start as this one has ended.
export function canBeContinued(simulation) {
  return hasResult(simulation) && phaseOf(simulation) === "Succeeded" && Boolean(simulation.status.provenance?.finalState);
}

// "LowerCutOff" is "Lower cut-off": the summary's end reason, or why there is no result.
export function endReasonOf(simulation) {
  const { summary, failure } = simulation.status ?? {};
  return inWords(summary?.endReason ?? failure?.reason ?? "");
}

export function inWords(name) {
  const text = name
    .replace("CutOff", "Cut-off")
    .replace(/([a-z])([A-Z])/g, (_, one, other) => `${one} ${other.toLowerCase()}`);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// From the start of the runner's process to its result in s: without the wait for a place, an image or a pod.
// Undefined until the result has told when that was.
export function runSeconds(simulation) {
  const { runnerStartedTime, resultStoredTime } = simulation.status?.timeline ?? {};
  if (!runnerStartedTime || !resultStoredTime) return undefined;
  return Math.max(0, (Date.parse(resultStoredTime) - Date.parse(runnerStartedTime)) / 1000);
}

const QUANTITIES = { Voltage: "Voltage", "abs(Current)": "Current", Current: "Current", "C-rate": "C-rate" };

// "event: Voltage < 2.5 [V] [experiment]", which is PyBaMM's, is "Voltage below 2.5 V".
export function endedByInWords(text) {
  if (text === "final time") return "Duration reached";
  if (text.startsWith("Event exceeded in initial conditions")) return "Skipped: its end was reached before it began";
  const event = text.replace(/^event: /, "").replace(/ \[experiment\]$/, "");
  const limit = /^(\S.*?)(?: \[[^\]]*\]\)?)? ([<>]) (\S+)(?: \[([^\]]*)\])?$/.exec(event);
  if (!limit) return event.replace(/ \[[^\]]*\]/, "");
  const [, quantity, sign, value, unit = ""] = limit;
  return `${QUANTITIES[quantity] ?? quantity.replace(/^abs\(/, "")} ${sign === "<" ? "below" : "above"} ${value} ${unit}`.trim();
}
