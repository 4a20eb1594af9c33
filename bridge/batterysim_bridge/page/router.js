// Addresses of the page's views, all behind the #, so that each can be bookmarked:
//   #/?phase=Failed&q=us06            the list
//   #/simulations/NAMESPACE/NAME      one simulation
//   #/compare?run=NAMESPACE/NAME&…    several in the same charts
//   #/new?from=NAMESPACE/NAME         the form
//   #/new?after=NAMESPACE/NAME        the form, for a simulation that goes on from that one's end
//   #/new?point=NAMESPACE/NAME/17     the form, with a point of a sweep
//   #/sweeps?phase=Running            the list of sweeps
//   #/sweeps/NAMESPACE/NAME           one sweep
import { createStore } from "./common/store.js";

export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodePart);
  const parameters = new URLSearchParams(query);
  if (parts.length === 0) return { view: "list", parameters };
  if (parts[0] === "simulations" && parts.length === 3) {
    return { view: "detail", namespace: parts[1], name: parts[2], parameters };
  }
  if (parts[0] === "sweeps" && parts.length === 3) return { view: "sweep", namespace: parts[1], name: parts[2], parameters };
  if (parts.length === 1 && ["sweeps", "new", "compare", "sign-in"].includes(parts[0])) return { view: parts[0], parameters };
  return { view: "unknown", parameters };
}

function decodePart(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function listAddress(parameters = {}) {
  return address("", parameters);
}

export function detailAddress(namespace, name) {
  return `#/simulations/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function sweepsAddress(parameters = {}) {
  return address("sweeps", parameters);
}

export function sweepAddress(namespace, name) {
  return `#/sweeps/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function compareAddress(runs) {
  return address("compare", { run: runs.map(runKey) });
}

export function formAddress(run) {
  return address("new", run ? { from: runKey(run) } : {});
}

export function goingOnAddress(run) {
  return address("new", { after: runKey(run) });
}

export function pointFormAddress(sweep, point) {
  return address("new", { point: `${runKey(sweep)}/${point}` });
}

export function readPointKey(key) {
  const [namespace, name, point] = key.split("/");
  return /^\d+$/.test(point ?? "") ? { namespace, name, point: Number(point) } : null;
}

export function runKey({ namespace, name }) {
  return `${namespace}/${name}`;
}

export function readRunKey(key) {
  const [namespace, name] = key.split("/");
  return name ? { namespace, name } : null;
}

function address(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of [value].flat()) if (item) query.append(name, item);
  }
  const text = query.toString().replaceAll("%2F", "/");
  return `#/${path}${text ? `?${text}` : ""}`;
}

export const route = createStore(parseRoute(location.hash));
window.addEventListener("hashchange", () => route.set(parseRoute(location.hash)));

export function go(hash) {
  location.hash = hash;
}

// A filter that changes with each key must not fill the browser's history.
export function replaceAddress(hash) {
  history.replaceState(null, "", hash);
  route.set(parseRoute(hash));
}
