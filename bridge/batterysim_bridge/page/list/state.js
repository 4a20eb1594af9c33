// What the list knows, and what a page or an event makes of it.
import { runKey } from "../router.js";

// deleted: [[key, resource version], …], the newest last, because a page may have been read before the deletion.
export const EMPTY_LIST = { items: [], total: 0, nextCursor: undefined, deleted: [], loadedTime: null };

// This many are still drawn at once, and no request takes longer than this many deletions.
const MOST_ITEMS = 2000;
const MOST_DELETED = 1000;

export function fromPage(page, now, deleted = []) {
  const items = merged([], page.items, deleted);
  return { items, total: page.total, nextCursor: page.nextCursor, deleted, loadedTime: now };
}

// The page after those that are there.
export function withNextPage(state, page, now) {
  const items = merged(state.items, page.items, state.deleted);
  return { ...state, items, total: page.total, nextCursor: page.nextCursor, loadedTime: now };
}

// The first page again, because there are simulations that were not known.
export function withFirstPage(state, page, now) {
  const known = new Set(state.items.map((item) => runKey(item.metadata)));
  const meets = page.items.some((item) => known.has(runKey(item.metadata)));
  const items = merged(state.items, page.items, state.deleted);
  if ((!meets && page.nextCursor) || items.length > MOST_ITEMS) return fromPage(page, now, state.deleted);
  return { ...state, items, total: page.total, loadedTime: now };
}

// Returns { state, isNews }: news is about a simulation that is not in the list and may belong there.
export function afterEvent(before, event, wantedPhases) {
  const key = runKey(event.data.metadata);
  const state = event.event === "deleted" ? withDeletion(before, key, event.data) : before;
  const index = state.items.findIndex((item) => runKey(item.metadata) === key);
  const isWanted = !wantedPhases.length || wantedPhases.includes(event.data.status?.phase ?? "Pending");
  if (index < 0) {
    const isNews = isWanted && event.event !== "progress" && !isFurtherDown(state, event);
    return { state, isNews };
  }
  if (newer(state.items[index], event.data) !== event.data) return { state, isNews: false };
  if (event.event === "deleted" || !isWanted) return { state: without(state, index), isNews: false };
  return { state: { ...state, items: state.items.with(index, event.data) }, isNews: false };
}

function withDeletion(state, key, { metadata }) {
  return { ...state, deleted: [...state.deleted, [key, metadata.resourceVersion]].slice(-MOST_DELETED) };
}

// On a page that has not been asked for yet; a deletion there still changes how many there are.
function isFurtherDown({ items, nextCursor }, { event, data }) {
  return event !== "deleted" && Boolean(nextCursor) && items.length > 0 && newestFirst(data, items.at(-1)) > 0;
}

function without(state, index) {
  return { ...state, items: state.items.toSpliced(index, 1), total: Math.max(0, state.total - 1) };
}

function merged(known, fresh, deleted) {
  const byKey = new Map(known.map((item) => [runKey(item.metadata), item]));
  const gone = new Map(deleted);
  for (const item of fresh) {
    const key = runKey(item.metadata);
    if (gone.has(key) && versionOf(item) <= BigInt(gone.get(key))) continue;
    byKey.set(key, byKey.has(key) ? newer(byKey.get(key), item) : item);
  }
  return [...byKey.values()].sort(newestFirst);
}

function newer(one, other) {
  return versionOf(one) > versionOf(other) ? one : other;
}

// Kubernetes' versions are whole numbers, which may be longer than a Number is exact.
function versionOf(item) {
  return BigInt(item.metadata.resourceVersion);
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
