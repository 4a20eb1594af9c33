// One simulation with its spec, kept up to date until its end.
import { getJson, simulationPath } from "../live/api.js";
import { persist } from "../live/connection.js";
import { follow } from "../live/follow.js";
import { useEffect, useState } from "../common/html.js";
import { hasEnded } from "../simulation/simulation.js";

// isAllowed: whether it may be asked for. Returns { simulation, error, isDeleted }.
export function useLiveSimulation(run, isAllowed) {
  const [state, setState] = useState({ simulation: null, error: null, isDeleted: false });
  useEffect(() => {
    if (!isAllowed) return undefined;
    const ended = new AbortController();
    const change = (part) => ended.signal.aborted || setState((known) => ({ ...known, ...part }));
    watch(run, ended.signal, change).catch((error) => change({ error }));
    return () => ended.abort();
  }, [run.namespace, run.name, isAllowed]);
  return state;
}

async function watch(run, signal, change) {
  const path = simulationPath(run.namespace, run.name);
  let simulation = await persist(() => getJson(path, signal), signal);
  change({ simulation });
  if (hasEnded(simulation)) return;
  const finished = new AbortController();
  await follow(`${path}/events`, {
    since: simulation.metadata.resourceVersion,
    signal: AbortSignal.any([signal, finished.signal]),
    onEvent: (event) => {
      if (event.event === "deleted") change({ isDeleted: true });
      // Events are without the spec.
      else change({ simulation: (simulation = { ...simulation, ...event.data }) });
      if (event.event === "end" || event.event === "deleted") finished.abort();
    },
  });
}
