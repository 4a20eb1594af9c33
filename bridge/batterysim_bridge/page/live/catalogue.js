// What a spec can name, as the bridge knows it.
import { getJson } from "./api.js";
import { persist } from "./connection.js";
import { useEffect, useState } from "../common/html.js";

export function useCatalogue(isWanted = true) {
  const [state, setState] = useState({ catalogue: null, error: null });
  useEffect(() => {
    if (!isWanted) return undefined;
    const ended = new AbortController();
    persist(() => getJson("v1/catalogue", ended.signal), ended.signal).then(
      (catalogue) => setState({ catalogue, error: null }),
      (error) => ended.signal.aborted || setState({ catalogue: null, error }),
    );
    return () => ended.abort();
  }, [isWanted]);
  return state;
}
