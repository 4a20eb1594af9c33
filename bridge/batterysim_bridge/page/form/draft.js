// What the form begins with: a simulation to run again or to go on from, a point of a sweep, what was being written, or a first example.
import { getJson, simulationPath } from "../live/api.js";
import { persist } from "../live/connection.js";
import { useEffect, useState } from "../common/html.js";
import { manifestOf, newManifest } from "../simulation/manifest.js";
import { readPointKey, readRunKey } from "../router.js";
import { session } from "../session/session.js";
import { pointPath } from "../sweeps/sweep.js";
import { goingOn } from "./start.js";
import { FIRST_SPEC } from "./protocol_defaults.js";

const DRAFT = "batterysim-draft";

// The source that an address names: { key, path, label, change }; its key is null where it names none.
// change: what becomes of its manifest, if not just a copy.
export function sourceOf(parameters) {
  const [from, after, point] = ["from", "after", "point"].map((name) => parameters.get(name));
  const [run, earlier, place] = [from && readRunKey(from), after && readRunKey(after), point && readPointKey(point)];
  if (run) return { key: from, path: simulationPath(run.namespace, run.name), label: `with the spec of ${from}` };
  if (earlier) {
    const change = (manifest) => goingOn(manifest, earlier.name);
    return { key: `after ${after}`, path: simulationPath(earlier.namespace, earlier.name), label: `from the end of ${after}`, change };
  }
  if (place) return { key: `point ${point}`, path: pointPath(place, place.point), label: `point ${place.point} of the sweep ${place.namespace}/${place.name}` };
  return { key: null };
}

// A draft: the manifest, the key of the source that it began with, and the key by which the bridge knows it again.
export function newDraft(from, manifest) {
  return { from, manifest, key: newKey() };
}

export function rememberDraft(draft) {
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

// With a key: that draft only, not what has been written since.
export function forgetDraft(key) {
  if (key === undefined || known()?.key === key) sessionStorage.removeItem(DRAFT);
}

// Returns { draft, error }; draft is null until it is known.
export function useStartingDraft({ key: from, path, change = copy }, defaultNamespace) {
  const [state, setState] = useState({ draft: null, error: null });
  useEffect(() => {
    if (defaultNamespace === undefined) return undefined;
    const begin = (manifest) => setState({ draft: newDraft(from, manifest), error: null });
    const draft = known();
    if (draft?.from === from) {
      setState({ draft, error: null });
      return undefined;
    }
    if (!path) {
      begin(newManifest(session.get()?.namespace ?? defaultNamespace, FIRST_SPEC));
      return undefined;
    }
    const ended = new AbortController();
    persist(() => getJson(path, ended.signal), ended.signal).then(
      (simulation) => begin(change(withoutName(manifestOf(simulation)))),
      (error) => ended.signal.aborted || setState({ draft: null, error }),
    );
    return () => ended.abort();
  }, [from, defaultNamespace]);
  return state;
}

function known() {
  return JSON.parse(sessionStorage.getItem(DRAFT));
}

function copy(manifest) {
  return manifest;
}

function withoutName(manifest) {
  const { name: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}

// crypto.randomUUID is only there for pages over https.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
