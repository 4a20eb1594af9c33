// What the form offers, as the bridge tells.
import { getJson } from "../live/api.js";
import { persist } from "../live/connection.js";
import { useEffect, useState } from "../common/html.js";

export function useCatalogue() {
  const [state, setState] = useState({ catalogue: null, error: null });
  useEffect(() => {
    const ended = new AbortController();
    persist(() => getJson("v1/catalogue", ended.signal), ended.signal).then(
      (catalogue) => setState({ catalogue, error: null }),
      (error) => ended.signal.aborted || setState({ catalogue: null, error }),
    );
    return () => ended.abort();
  }, []);
  return state;
}
