// Whether the page offers to create simulations: in the namespace that is looked at, or in the user's own.
import { useEffect, useState } from "../common/html.js";
import { may, rightsIn } from "./rights.js";

// known: the session, or null; here: the route.
export function useMayCreate(known, here) {
  const shown = here.namespace ?? (here.parameters.get("namespace") || known?.namespace);
  const places = [...new Set([shown ?? undefined, known?.namespace ?? undefined])];
  const key = `${known?.token} ${places.join()}`;
  const [state, setState] = useState({});
  useEffect(() => {
    if (!known) return undefined;
    const ended = new AbortController();
    Promise.all(places.map((namespace) => rightsIn({ namespace }, ended.signal))).then(
      (all) => ended.signal.aborted || setState({ key, isAllowed: all.some((rights) => may(rights, "create")) }),
      () => {}, // the view says why
    );
    return () => ended.abort();
  }, [key]);
  return Boolean(known && state.key === key && state.isAllowed);
}
