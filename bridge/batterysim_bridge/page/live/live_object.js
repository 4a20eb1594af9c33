// One simulation or sweep with its spec, kept up to date until its end by the bridge's events.
import { getJson, RefusedError } from "./api.js";
import { persist } from "./connection.js";
import { follow } from "./follow.js";
import { useEffect, useState } from "../common/html.js";

// hasEnded(object): whether nothing will change any more. isAllowed: whether it may be asked for.
// Returns { object, error, isDeleted }.
export function useLiveObject(path, hasEnded, isAllowed) {
  const [state, setState] = useState({ object: null, error: null, isDeleted: false });
  useEffect(() => {
    if (!isAllowed) return undefined;
    const ended = new AbortController();
    const change = (part) => ended.signal.aborted || setState((known) => ({ ...known, ...part }));
    watch(path, hasEnded, ended.signal, change).catch(
      (error) => ended.signal.aborted || setState((known) => afterError(known, error)),
    );
    return () => ended.abort();
  }, [path, isAllowed]);
  return state;
}

// What was there a moment ago and is not found now has been deleted, before its events began.
function afterError(known, error) {
  const isDeleted = known.object !== null && error instanceof RefusedError && error.status === 404;
  return isDeleted ? { ...known, isDeleted } : { ...known, error };
}

async function watch(path, hasEnded, signal, change) {
  let object = await persist(() => getJson(path, signal), signal);
  const show = (part) => change({ object: (object = { ...object, ...part }) });
  show({});
  if (hasEnded(object)) return;
  const finished = new AbortController();
  await follow(`${path}/events`, {
    since: object.metadata.resourceVersion,
    signal: AbortSignal.any([signal, finished.signal]),
    onEvent: (event) => {
      if (event.event === "deleted") change({ isDeleted: true });
      else {
        // Events are without the spec, which somebody may change: a sweep is suspended that way.
        if (event.data.metadata.generation !== object.metadata.generation) showSpec().catch(() => {});
        show(event.data);
      }
      if (event.event === "end" || event.event === "deleted") finished.abort();
    },
  });

  async function showSpec() {
    const { spec } = await persist(() => getJson(path, signal), signal);
    if (!signal.aborted) show({ spec });
  }
}
