// A sweep's metadata, spec and status, in the words of the page.
import { inWords } from "../simulation/simulation.js";

export const SWEEPS = "v1/sweeps";
export const RESOURCE = "batterysweeps";
export const SWEEP_PHASES = ["Pending", "Running", "Suspended", "Succeeded", "Failed", "Invalid"];
const ENDED = new Set(["Succeeded", "Failed", "Invalid"]);

export function sweepPath({ namespace, name }) {
  return `${SWEEPS}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function pointPath(run, point) {
  return `${sweepPath(run)}/points/${point}`;
}

export function hasEnded(sweep) {
  return ENDED.has(sweep.status?.phase);
}

// Points that can be read now; a table that retention has removed has none.
export function storedRows(sweep) {
  const { rows = 0, removedTime } = sweep.status?.results ?? {};
  return removedTime ? 0 : rows;
}

// { percent, done, points, failed, pointsPerSecond, etaSeconds, shards, shardsDone }.
export function progressOf(sweep) {
  const progress = { done: 0, failed: 0, ...sweep.status?.progress };
  const points = progress.points ?? sweep.status?.design?.points ?? 0;
  // 100 % is for a sweep that has all of its points.
  const percent = points ? Math.floor((100 * progress.done) / points) : 0;
  return { ...progress, points, percent };
}

const DESIGNS = {
  grid: "Every combination",
  zip: "Values in step",
  random: "Random points",
  latinHypercube: "Latin hypercube",
  sobol: "Sobol sequence",
  saltelli: "Saltelli design",
  morris: "Morris design",
  table: "Table of points",
};

export function designOf(sweep) {
  return Object.keys(sweep.spec?.design ?? {}).find((kind) => sweep.spec.design[kind] !== undefined);
}

export function designInWords(kind) {
  return DESIGNS[kind] ?? inWords(kind ?? "");
}

export function objectiveOf(sweep) {
  return sweep.spec?.objective ?? null;
}

// "2 to 8, in 4 even steps": the values of an entry of spec.vary.
export function valuesInWords({ values, words, range, factors, distribution }) {
  if (values) return listInWords(values);
  if (words) return listInWords(words);
  if (range) return intervalInWords(range);
  if (factors) return `its own value × ${intervalInWords(factors)}`;
  const { normal, logNormal } = distribution ?? {};
  if (logNormal) return `log-normal, median ${logNormal.median}, by a factor of ${logNormal.factor}`;
  if (!normal) return "";
  const { lowest, highest } = normal;
  const ends = [lowest !== undefined && `not below ${lowest}`, highest !== undefined && `not above ${highest}`];
  return [`normal, mean ${normal.mean}, standard deviation ${normal.standardDeviation}`, ...ends.filter(Boolean)].join(", ");
}

const SHOWN_VALUES = 8;

function listInWords(values) {
  const shown = values.slice(0, SHOWN_VALUES).join(", ");
  return values.length > SHOWN_VALUES ? `${shown}, … (${values.length} values)` : shown;
}

function intervalInWords({ from, to, points, scale }) {
  const steps = scale === "Log" ? "equal factors" : "even steps";
  return points ? `${from} to ${to}, ${points} values in ${steps}` : `${from} to ${to}${scale === "Log" ? ", logarithmic" : ""}`;
}
