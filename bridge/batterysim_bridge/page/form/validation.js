// What the bridge says about a manifest, asked while it is being written.
import { postJson } from "../live/api.js";
import { refusalOf, rightsIn } from "../session/rights.js";
import { useEffect, useState } from "../common/html.js";

const TYPING_MILLISECONDS = 350;

// state: "checking", "valid", "invalid" or "unknown"; problems: [{ field, message }]; error: why it is unknown;
// refusal: why it must not be created, once that is known.
export function useValidation(manifest) {
  const [result, setResult] = useState({ state: "checking", problems: [], isFirst: true });
  const asked = JSON.stringify(manifest);
  useEffect(() => {
    const ended = new AbortController();
    setResult((before) => ({ ...before, state: "checking" }));
    const timer = setTimeout(async () => {
      const next = await check(manifest, ended.signal);
      if (!ended.signal.aborted) setResult(next);
    }, TYPING_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [asked]);
  return result;
}

async function check(manifest, signal) {
  try {
    const answer = await postJson("v1/validate", manifest, { signal });
    const refusal = refusalOf(await rightsIn({ namespace: answer.namespace }, signal), "create");
    return { state: "valid", problems: [], protocol: answer.protocol, namespace: answer.namespace, refusal };
  } catch (error) {
    return { ...refusal(error), error };
  }
}

// A refusal of the manifest has its wrong fields; everything else says nothing about it.
export function refusal(error) {
  const isAboutManifest = [400, 413, 422].includes(error.status);
  if (!isAboutManifest) return { state: "unknown", problems: [] };
  return { state: "invalid", problems: error.fields.length ? error.fields : [{ field: "", message: error.message }] };
}
