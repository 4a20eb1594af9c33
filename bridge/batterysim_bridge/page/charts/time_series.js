// The points of the curves over time: all of the time first, then, whenever the window rests, finer ones for it alone.
import { persist } from "../live/connection.js";
import { useEffect, useState } from "../common/html.js";
import { loadSeries, TIME } from "../results/result.js";
import { runKey } from "../router.js";

const REFINE_MILLISECONDS = 250;

// window: [low, high] in s, or null for all of the time.
// Returns { overview, shown, error }: maps from a run's key to its table, which is a map from column to values.
// Until other columns are there, the points are those of the columns before.
export function useTimeSeries(runs, columns, window) {
  const [overview, setOverview] = useState(null);
  const [detail, setDetail] = useState(null);
  const [error, setError] = useState(null);
  const asked = `${runs.map((item) => runKey(item.run)).join(" ")} ${columns.join()}`;
  useEffect(() => {
    const ended = new AbortController();
    setError(null);
    persist(() => loadAll(runs, columns, () => null, ended.signal), ended.signal).then(
      (tables) => setOverview({ asked, tables }),
      (failure) => ended.signal.aborted || setError(failure),
    );
    return () => ended.abort();
  }, [asked]);
  useEffect(() => {
    if (!window || overview?.asked !== asked) return undefined;
    const ended = new AbortController();
    const rangeOf = (key) => withNeighbours(overview.tables.get(key).get(TIME), window);
    const timer = setTimeout(() => {
      // Without the finer points the coarse ones stay.
      loadAll(runs, columns, rangeOf, ended.signal).then((tables) => setDetail({ asked, window, tables }), () => {});
    }, REFINE_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [asked, overview, window?.[0], window?.[1]]);
  const shown = isFitting(detail, overview, window) ? detail.tables : overview?.tables;
  return { overview: overview?.tables ?? null, shown: shown ?? null, error };
}

// Are these the finer points of what is in the window now?
export function isFitting(detail, overview, window) {
  return Boolean(
    detail && window && detail.asked === overview?.asked && detail.window[0] <= window[0] && detail.window[1] >= window[1],
  );
}

// The part to ask for, from the last known point before a window to the first one after it, both included:
// so curves run on to its edges, also where a result has no finer points.
export function withNeighbours(times, [low, high]) {
  const from = times.findLast((time) => time <= low);
  const to = times.find((time) => time >= high);
  return { from, to };
}

async function loadAll(runs, columns, rangeOf, signal) {
  const load = async ({ run, names }) => {
    const wanted = [TIME, ...columns.filter((name) => names.includes(name))];
    const values = await loadSeries(run, wanted, rangeOf(runKey(run)), signal);
    return [runKey(run), new Map(wanted.map((name, index) => [name, values[index]]))];
  };
  return new Map(await Promise.all(runs.map(load)));
}
