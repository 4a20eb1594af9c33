// The points of a sweep as the bridge has stored them: a page of rows, or some columns of many rows.
import { getJson, send, withQuery } from "../live/api.js";
import { persist } from "../live/connection.js";
import { useEffect, useState } from "../common/html.js";
import { describeColumn, isVaried } from "./columns.js";
import { sweepPath } from "./sweep.js";

export const PAGE_ROWS = 50;
// More are not drawn, and say so: what a browser draws and a person sees in a moment.
export const MOST_POINTS = 20_000;
// A ranking needs all points, of few columns.
export const MOST_RANKED = 200_000;

export function pointsPath(run) {
  return `${sweepPath(run)}/points`;
}

// asked: { columns, filter, order, offset }; version: another one asks again, as when there are more rows.
// Returns { page: { columns, records, matching }, error, isLoading }; until another page is there, the one before.
export function usePage(run, asked, version) {
  const key = JSON.stringify([run.namespace, run.name, asked, version]);
  const [state, setState] = useState({ page: null, error: null, answered: null });
  useEffect(() => {
    const ended = new AbortController();
    const query = withQuery(pointsPath(run), { ...asked, format: "json", limit: PAGE_ROWS });
    persist(() => getJson(query, ended.signal), ended.signal).then(
      (page) => setState({ page, error: null, answered: key }),
      (error) => ended.signal.aborted || setState((known) => ({ ...known, error, answered: key })),
    );
    return () => ended.abort();
  }, [key]);
  // Not a state of its own, which would come a moment after the heads that say how the rows are sorted.
  return { page: state.page, error: state.error, isLoading: state.answered !== key };
}

// All columns of the table, described. Returns { columns, error }; columns is null until there is a row.
export function useColumns(run, hasRows) {
  const [state, setState] = useState({ columns: null, error: null });
  useEffect(() => {
    if (!hasRows) return undefined;
    const ended = new AbortController();
    const query = withQuery(pointsPath(run), { format: "json", limit: 1 });
    persist(() => getJson(query, ended.signal), ended.signal).then(
      ({ columns }) => setState({ columns: columns.map(describeColumn), error: null }),
      (error) => ended.signal.aborted || setState({ columns: null, error }),
    );
    return () => ended.abort();
  }, [run.namespace, run.name, hasRows]);
  return state;
}

// columns: described ones. Returns { table, error }; the table: { points, values: Map from a column's name to an array
// of numbers as they are shown, or of text }, of the points that have succeeded, this many of them at most.
export function usePointColumns(run, columns, most, version) {
  const [state, setState] = useState({ table: null, error: null });
  const key = `${most} ${columns.map(({ name }) => name).join("\n")}`;
  useEffect(() => {
    const ended = new AbortController();
    persist(() => loadColumns(run, columns, most, ended.signal), ended.signal).then(
      (table) => setState({ key, table, error: null }),
      (error) => ended.signal.aborted || setState({ key, table: null, error }),
    );
    return () => ended.abort();
  }, [run.namespace, run.name, key, version]);
  return state.key === key ? state : { table: null, error: null };
}

async function loadColumns(run, columns, most, signal) {
  const names = ["point", ...columns.map(({ name }) => name).filter((name) => name !== "point")];
  const query = { format: "json", orient: "columns", columns: names, status: "Succeeded", limit: most };
  const { columns: loaded } = await getJson(withQuery(pointsPath(run), query), signal);
  const factors = new Map(columns.map(({ name, factor }) => [name, factor]));
  const shown = ({ name, values }) => {
    const factor = factors.get(name) ?? 1;
    return factor === 1 ? values : values.map((value) => (typeof value === "number" ? value * factor : value));
  };
  return { points: loaded[0].values, values: new Map(loaded.map((column) => [column.name, shown(column)])) };
}

// What varies, of described columns.
export function variedOf(columns) {
  return columns.filter(({ name }) => isVaried(name));
}
