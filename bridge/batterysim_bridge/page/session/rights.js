// What the user may do, as the bridge says. It is asked first, so that nothing is asked for or offered that would be
// refused. A missing right is an error as of any refused request.
import { useEffect, useState } from "../common/html.js";
import { getJson, RefusedError, withQuery } from "../live/api.js";
import { persist } from "../live/connection.js";
import { session } from "./session.js";

// Someone who is given a right meanwhile need not load the page again.
const FRESH_MILLISECONDS = 60_000;
const GROUP = "batterysim.dev";
const SIMULATIONS = "batterysimulations";
let answers = new Map();

session.subscribe(() => (answers = new Map()));

// Returns { rights, error }, both undefined until they are known. Without a namespace: in all of them at once.
// resource: what kind of objects they are about; simulations if left out.
export function useRights(namespace, name, resource) {
  const { all, error } = useRightsIn([{ namespace, name, resource }]);
  return { rights: all?.[0], error };
}

// places: [{ namespace, name, resource }, …]. Returns { all: the rights in each, error }.
export function useRightsIn(places) {
  const key = places.map(keyOf).join(" ");
  const [state, setState] = useState({});
  useEffect(() => {
    const ended = new AbortController();
    Promise.all(places.map((place) => rightsIn(place, ended.signal))).then(
      (all) => ended.signal.aborted || setState({ key, all }),
      (error) => ended.signal.aborted || setState({ key, error }),
    );
    return () => ended.abort();
  }, [key]);
  return state.key === key ? state : {};
}

export async function rightsIn(place, signal) {
  const known = answers.get(keyOf(place));
  if (known && Date.now() - known.time < FRESH_MILLISECONDS) return known.rights;
  const answer = await persist(() => getJson(withQuery("v1/rights", place), signal), signal);
  const rights = { ...answer, resource: place.resource ?? SIMULATIONS };
  answers.set(keyOf(place), { time: Date.now(), rights });
  return rights;
}

export function may(rights, verb) {
  return Boolean(rights?.verbs.includes(verb));
}

// Null if the verb is allowed, or while that is not known.
export function refusalOf(rights, verb) {
  if (!rights || may(rights, verb)) return null;
  const { username, namespace, resource } = rights;
  if (!username) return new RefusedError(401, { detail: "A token is needed to see this" });
  const where = namespace ? `namespace '${namespace}'` : "all namespaces";
  return new RefusedError(403, { detail: `${username} needs the verb '${verb}' on ${resource}.${GROUP} in ${where}` }, undefined, username);
}

function keyOf({ namespace = "", name = "", resource = SIMULATIONS }) {
  return `${resource}/${namespace}/${name}`;
}
