// What a simulation's metadata and status say, in the words of the page.

export const PHASES = ["Queued", "Pending", "Running", "Succeeded", "Failed", "Invalid"];
const ENDED = new Set(["Succeeded", "Failed", "Invalid"]);

export function phaseOf(simulation) {
  return simulation.status?.phase ?? "Pending";
}

export function hasEnded(simulation) {
  return ENDED.has(phaseOf(simulation));
}

export function hasResult(simulation) {
  const results = simulation.status?.results;
  return Boolean(results) && !results.removedTime;
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

// From the Job's creation to the end, or until now, in s.
export function runSeconds(simulation, now) {
  const { startTime, completionTime } = simulation.status ?? {};
  if (!startTime) return undefined;
  const end = completionTime ? Date.parse(completionTime) : hasEnded(simulation) ? NaN : now;
  return Math.max(0, (end - Date.parse(startTime)) / 1000);
}
