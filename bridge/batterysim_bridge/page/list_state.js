// What the list knows, and what a page or an event makes of it.
import { runKey } from "./router.js";

export const EMPTY_LIST = { items: [], total: 0, nextCursor: undefined, isWhole: false, loadedTime: null };

export function fromPage(page, now) {
  return { items: page.items, total: page.total, nextCursor: page.nextCursor, loadedTime: now };
}

// The page after those that are there.
export function withNextPage(state, page, now) {
  return { ...state, items: merged(state.items, page.items), total: page.total, nextCursor: page.nextCursor, loadedTime: now };
}

// The first page anew, because there are simulations that were not known.
export function withFirstPage(state, page, now) {
  const known = new Set(state.items.map((item) => runKey(item.metadata)));
  const meets = page.items.some((item) => known.has(runKey(item.metadata)));
  if (!meets && page.nextCursor) return fromPage(page, now);
  return { ...state, items: merged(state.items, page.items), total: page.total, loadedTime: now };
}

// Returns { state, isNews }: news is about a simulation that is not in the list and may belong there.
export function afterEvent(state, event, wantedPhases) {
  const key = runKey(event.data.metadata);
  const index = state.items.findIndex((item) => runKey(item.metadata) === key);
  if (event.event === "deleted") {
    return { state: index < 0 ? state : without(state, index), isNews: index < 0 };
  }
  if (index < 0) return { state, isNews: true };
  const phase = event.data.status?.phase ?? "Pending";
  if (wantedPhases.length && !wantedPhases.includes(phase)) return { state: without(state, index), isNews: false };
  const items = [...state.items];
  items[index] = event.data;
  return { state: { ...state, items }, isNews: false };
}

function without(state, index) {
  return { ...state, items: state.items.filter((_, other) => other !== index), total: Math.max(0, state.total - 1) };
}

function merged(known, fresh) {
  const byKey = new Map(known.map((item) => [runKey(item.metadata), item]));
  for (const item of fresh) byKey.set(runKey(item.metadata), item);
  return [...byKey.values()].sort(newestFirst);
}

// As the bridge sorts them.
function newestFirst(one, other) {
  const [a, b] = [one.metadata, other.metadata];
  return (
    compare(b.creationTimestamp, a.creationTimestamp) || compare(a.namespace, b.namespace) || compare(a.name, b.name)
  );
}

function compare(a = "", b = "") {
  return a < b ? -1 : Number(a > b);
}
