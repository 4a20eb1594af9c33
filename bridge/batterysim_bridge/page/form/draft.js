// What the form begins with: a simulation to run again, what was being written, or a first example.
import { getJson, simulationPath } from "../api.js";
import { persist } from "../connection.js";
import { useEffect, useState } from "../html.js";
import { manifestOf, newManifest } from "../manifest.js";
import { readRunKey } from "../router.js";
import { session } from "../session.js";
import { FIRST_SPEC } from "./protocol_defaults.js";

const DRAFT = "batterysim-draft";

export function rememberDraft(from, manifest) {
  sessionStorage.setItem(DRAFT, JSON.stringify({ from, manifest }));
}

export function forgetDraft() {
  sessionStorage.removeItem(DRAFT);
}

// Returns { manifest, error }; manifest is null until it is known.
export function useStartingManifest(from, defaultNamespace) {
  const [state, setState] = useState({ manifest: null, error: null });
  useEffect(() => {
    if (defaultNamespace === undefined) return undefined;
    const run = from && readRunKey(from);
    const known = draftOf(from) ?? (run ? null : newManifest(session.get()?.namespace ?? defaultNamespace, FIRST_SPEC));
    if (known) {
      setState({ manifest: known, error: null });
      return undefined;
    }
    const ended = new AbortController();
    persist(() => getJson(simulationPath(run.namespace, run.name), ended.signal), ended.signal).then(
      (simulation) => setState({ manifest: withoutName(manifestOf(simulation)), error: null }),
      (error) => ended.signal.aborted || setState({ manifest: null, error }),
    );
    return () => ended.abort();
  }, [from, defaultNamespace]);
  return state;
}

function draftOf(from) {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT));
  return draft?.from === from ? draft.manifest : null;
}

function withoutName(manifest) {
  const { name: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}
