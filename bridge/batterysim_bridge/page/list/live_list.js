// A list of simulations or sweeps, kept up to date by the bridge's events.
import { getJson, withQuery } from "../live/api.js";
import { persist } from "../live/connection.js";
import { follow } from "../live/follow.js";
import { useEffect, useRef, useState } from "../common/html.js";
import { afterEvent, EMPTY_LIST, fromPage, withFirstPage, withNextPage } from "./state.js";

const PAGE_SIZE = 100;
// Many new simulations at once are one more request, not many.
const RELOAD_MILLISECONDS = 700;

// path: of the list. filter: { namespace, phase: [], q, … }; null: nothing may be asked for yet.
// Returns { state, error, loadMore }.
export function useLiveList(path, filter) {
  const [state, setState] = useState(() => remembered(path));
  const [error, setError] = useState(null);
  const more = useRef(() => {});
  const asked = JSON.stringify(filter);
  useEffect(() => {
    setError(null);
    if (!filter) return undefined;
    const ended = new AbortController();
    const list = new LiveList(path, filter, ended.signal, setState);
    more.current = () => list.loadMore().catch(ignoreEnd(ended.signal, setError));
    list.run().catch(ignoreEnd(ended.signal, setError));
    return () => ended.abort();
  }, [path, asked]);
  return { state, error, loadMore: () => more.current() };
}

function ignoreEnd(signal, report) {
  return (error) => {
    if (!signal.aborted) report(error);
  };
}

class LiveList {
  constructor(path, filter, signal, show) {
    this.path = path;
    this.filter = filter;
    this.signal = signal;
    this.show = show;
    this.state = EMPTY_LIST;
    this.reloadTimer = null;
  }

  async run() {
    while (!this.signal.aborted) {
      const page = await persist(() => this.page(), this.signal);
      this.set(fromPage(page, Date.now()));
      await this.followFrom(page.resourceVersion);
    }
  }

  // Returns when the bridge has forgotten what has happened since, and the list has to begin again.
  async followFrom(version) {
    const forgotten = new AbortController();
    const signal = AbortSignal.any([this.signal, forgotten.signal]);
    await follow(withQuery(`${this.path}/events`, { namespace: this.filter.namespace }), {
      since: version,
      signal,
      onEvent: (event) => {
        if (signal.aborted || event.event === "sync") return;
        if (event.event === "reset") forgotten.abort();
        else this.take(event);
      },
    });
  }

  take(event) {
    const { state, isNews } = afterEvent(this.state, event, this.filter.phase);
    if (state !== this.state) this.set(state);
    if (isNews) this.reloadSoon();
  }

  reloadSoon() {
    this.reloadTimer ??= setTimeout(async () => {
      this.reloadTimer = null;
      // A refusal here is one of the stream, too, which says so.
      const page = await persist(() => this.page(), this.signal).catch(() => null);
      if (page && !this.signal.aborted) this.set(withFirstPage(this.state, page, Date.now()));
    }, RELOAD_MILLISECONDS);
  }

  async loadMore() {
    const cursor = this.state.nextCursor;
    if (!cursor) return;
    const page = await persist(() => this.page(cursor), this.signal);
    this.set(withNextPage(this.state, page, Date.now()));
  }

  page(cursor) {
    return getJson(withQuery(this.path, { ...this.filter, limit: PAGE_SIZE, cursor }), this.signal);
  }

  set(state) {
    this.state = state;
    this.show(state);
    remember(this.path, state);
  }
}

// For a page that is loaded again while the cluster does not answer.
function remember(path, state) {
  try {
    sessionStorage.setItem(keyOf(path), JSON.stringify({ ...state, items: state.items.slice(0, PAGE_SIZE), deleted: [] }));
  } catch {
    sessionStorage.removeItem(keyOf(path)); // it is full
  }
}

function remembered(path) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(path))) ?? EMPTY_LIST;
  } catch {
    return EMPTY_LIST;
  }
}

function keyOf(path) {
  return `batterysim-last-list-of-${path}`;
}
