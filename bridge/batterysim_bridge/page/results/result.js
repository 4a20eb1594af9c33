// A run's result: what it says about itself, and its series, no finer than a screen can show.
import { getJson, send, simulationPath, withQuery } from "../live/api.js";

export const TIME = "Time [s]";
export const FREQUENCY = "Frequency [Hz]";
const POINTS = 20000;

// Columns (name, unit), summary, steps, cycles and provenance.
export function loadHead(run, signal) {
  // The document of a point's result begins with its head; of its rows the first one is enough.
  if (run.path) return getJson(withQuery(run.path, { format: "json", every: POINTS ** 2 }), signal);
  return getJson(`${resultPath(run)}/head`, signal);
}

// Each column's values as an array, in the order asked for; null where there is no number.
// range: { from, to } in s, or null for everything. A result without time is not thinned out.
export async function loadSeries(run, columns, range, signal) {
  const thinning = columns[0] === TIME ? { points: POINTS, ...range } : {};
  const answer = await send(withQuery(resultPath(run), { format: "csv", variables: columns, ...thinning }), { signal });
  return readColumns(await answer.text(), columns.length);
}

// path: of a result that is no simulation's.
export function resultPath({ namespace, name, path }) {
  return path ?? `${simulationPath(namespace, name)}/result`;
}

// The columns are known, so the line of headings is passed over: names may have commas in them, numbers have none.
export function readColumns(csv, count) {
  const columns = Array.from({ length: count }, () => []);
  for (const line of csv.trimEnd().split("\n").slice(1)) {
    const cells = line.split(",");
    for (let index = 0; index < count; index += 1) {
      const text = cells[index];
      columns[index].push(text === "" || text === undefined ? null : Number(text));
    }
  }
  return columns;
}
