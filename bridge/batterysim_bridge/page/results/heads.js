// What the results of some runs say about themselves, for charts and tables.
import { persist } from "../live/connection.js";
import { useEffect, useState } from "../common/html.js";
import { loadHead, TIME } from "./result.js";
import { runKey } from "../router.js";

// Returns { heads, error }; a head: { run, label, colourIndex, names, isOverTime, endSeconds, summary, cycles, steps }.
export function useResultHeads(runs) {
  const [state, setState] = useState({});
  const asked = runs.map(runKey).join();
  useEffect(() => {
    const ended = new AbortController();
    const load = (run) => persist(() => loadHead(run, ended.signal), ended.signal);
    Promise.all(runs.map(load)).then(
      (documents) => setState({ asked, heads: documents.map((document, index) => headOf(runs, index, document)) }),
      (error) => ended.signal.aborted || setState({ asked, error }),
    );
    return () => ended.abort();
  }, [asked]);
  return state.asked === asked ? state : {};
}

function headOf(runs, index, document) {
  const run = runs[index];
  const names = document.columns.map((column) => column.name);
  const isAlone = runs.filter((other) => other.name === run.name).length === 1;
  return {
    run,
    label: isAlone ? run.name : runKey(run),
    colourIndex: index,
    names,
    isOverTime: names[0] === TIME,
    endSeconds: document.summary?.endTimeSeconds,
    summary: document.summary,
    cycles: document.cycles,
    steps: document.steps,
  };
}
