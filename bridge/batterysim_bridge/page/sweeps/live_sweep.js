// Sweeps, asked for again and again while something may change. Their events are not used yet.
import { getJson, RefusedError, withQuery } from "../live/api.js";
import { persist } from "../live/connection.js";
import { untilVisible } from "../live/follow.js";
import { useEffect, useState } from "../common/html.js";
import { hasEnded, sweepPath, SWEEPS } from "./sweep.js";

// The bridge writes a sweep's status once a second at most.
const SWEEP_MILLISECONDS = 1000;
const LIST_MILLISECONDS = 3000;
const QUIET_LIST_MILLISECONDS = 10_000;

// Calls onAnswer with each answer, until pause(answer) is null: then nothing changes any more.
async function poll(ask, { signal, onAnswer, pause }) {
  while (!signal.aborted) {
    await untilVisible(signal);
    const answer = await persist(ask, signal);
    if (signal.aborted) return;
    onAnswer(answer);
    const milliseconds = pause(answer);
    if (milliseconds === null) return;
    await wait(milliseconds, signal);
  }
}

function wait(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

// round: another one asks again, after something was changed. Returns { sweep, error, isDeleted }.
export function useLiveSweep(run, isAllowed, round) {
  const [state, setState] = useState({ sweep: null, error: null, isDeleted: false });
  useEffect(() => {
    if (!isAllowed) return undefined;
    const ended = new AbortController();
    const { signal } = ended;
    poll(() => getJson(sweepPath(run), signal), {
      signal,
      onAnswer: (sweep) => setState({ sweep, error: null, isDeleted: false }),
      pause: (sweep) => (hasEnded(sweep) ? null : SWEEP_MILLISECONDS),
    }).catch((error) => signal.aborted || setState((known) => afterError(known, error)));
    return () => ended.abort();
  }, [run.namespace, run.name, isAllowed, round]);
  return state;
}

// What was there a moment ago and is not found now has been deleted.
function afterError(known, error) {
  const isDeleted = known.sweep !== null && error instanceof RefusedError && error.status === 404;
  return isDeleted ? { ...known, isDeleted } : { ...known, error };
}

// wanted: { namespace, limit }, or null while nothing may be asked for. Returns { page, error }.
export function useLiveSweeps(wanted) {
  const [state, setState] = useState({ page: null, error: null });
  const asked = JSON.stringify(wanted);
  useEffect(() => {
    setState((known) => ({ ...known, error: null }));
    if (!wanted) return undefined;
    const ended = new AbortController();
    const { signal } = ended;
    poll(() => getJson(withQuery(SWEEPS, wanted), signal), {
      signal,
      onAnswer: (page) => setState({ page, error: null }),
      pause: (page) => (page.items.every(hasEnded) ? QUIET_LIST_MILLISECONDS : LIST_MILLISECONDS),
    }).catch((error) => signal.aborted || setState((known) => ({ ...known, error })));
    return () => ended.abort();
  }, [asked]);
  return state;
}
