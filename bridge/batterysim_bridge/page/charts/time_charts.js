// Series over time, of one run or of several, under a common cursor and in a common window.
import { announce } from "../announcer.js";
import { persist } from "../connection.js";
import { html, useEffect, useMemo, useRef, useState } from "../html.js";
import { duration, number } from "../quantity.js";
import { loadSeries, TIME } from "../result.js";
import { runKey } from "../router.js";
import { createStore, useStore } from "../store.js";
import { align } from "./aligned_data.js";
import { ChartPanel } from "./chart_panel.js";
import { columnLabel, furtherColumns, panelsFor, unitOfTime } from "./panels.js";
import { shifted, within, zoomed } from "./time_window.js";

const REFINE_MILLISECONDS = 250;
// So that curves run on to the edges of the window.
const BEYOND_WINDOW = 0.1;

// runs: [{ run: { namespace, name }, label, colourIndex, names, endSeconds }]; names are its result's columns.
export function TimeCharts({ runs }) {
  const [extra, setExtra] = useState([]);
  const [window, setWindow] = useState(null);
  const cursor = useMemo(() => createStore(null), []);
  const names = useMemo(() => [...new Set(runs.flatMap((item) => item.names))], [runs]);
  const panels = useMemo(() => panelsFor(names, extra, runs.length), [names, extra, runs.length]);
  const time = unitOfTime(Math.max(...runs.map((item) => item.endSeconds ?? 0)));
  const { series, error } = useSeries(runs, panels, window, time.seconds);
  // Once for each answer: a chart that is given new arrays draws itself anew.
  const drawn = useMemo(() => series && panels.map((panel) => panelData(panel, series.shown, runs)), [panels, series?.shown]);
  if (error) return html`<p class="notice notice-error" role="alert">The curves could not be loaded: ${error.message}</p>`;
  if (!series) return html`<p class="nothing">Loading the curves …</p>`;

  const whole = wholeOf(series.overview);
  const shown = window ?? whole;
  const show = (next) => {
    setWindow(next);
    announce(next ? `From ${number(next[0], 4)} to ${number(next[1], 4)} ${time.unit}` : "All of the time");
  };
  const common = {
    range: shown,
    xLabel: `Time [${time.unit}]`,
    syncKey: "time",
    onSelect: (low, high) => show(within([low, high], whole)),
    onReset: () => show(null),
    onZoom: (factor) => show(zoomed(shown, factor, whole)),
  };
  return html`<section class="charts" aria-label="Charts over time">
    <${Toolbar} isZoomed=${window !== null} shown=${shown} whole=${whole} show=${show} cursor=${cursor} time=${time} />
    ${panels.map((panel, index) => {
      const isLast = index === panels.length - 1;
      return html`<${ChartPanel}
        key=${panel.columns[0]} ...${common} title=${panel.title} unit=${panel.unit} note=${panel.note}
        ...${drawn[index]} isLast=${isLast} onCursor=${index === 0 ? cursor.set : undefined}
      />`;
    })}
    <${FurtherColumns} names=${furtherColumns(names)} chosen=${extra} onChange=${setExtra} />
  </section>`;
}

// Loads the whole first, then, whenever the window rests, the same number of points for the window alone.
// Returns { overview, shown }: for each run a map from column to values, the time in the unit of the axis.
function useSeries(runs, panels, window, secondsPerUnit) {
  const [overview, setOverview] = useState(null);
  const [detail, setDetail] = useState(null);
  const [error, setError] = useState(null);
  const columns = [...new Set(panels.flatMap((panel) => panel.columns))];
  const asked = `${runs.map((item) => runKey(item.run)).join(" ")} ${columns.join()}`;
  useEffect(() => {
    const ended = new AbortController();
    setError(null);
    persist(() => loadAll(runs, columns, null, secondsPerUnit, ended.signal), ended.signal).then(
      (loaded) => {
        setDetail(null);
        setOverview({ asked, tables: loaded });
      },
      (failure) => ended.signal.aborted || setError(failure),
    );
    return () => ended.abort();
  }, [asked]);
  useEffect(() => {
    if (!window) {
      setDetail(null);
      return undefined;
    }
    const ended = new AbortController();
    const timer = setTimeout(() => {
      // Without the finer points the coarse ones stay.
      loadAll(runs, columns, window, secondsPerUnit, ended.signal).then(setDetail, () => {});
    }, REFINE_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [asked, window?.[0], window?.[1]]);
  const isCurrent = overview?.asked === asked;
  return { series: isCurrent ? { overview: overview.tables, shown: detail ?? overview.tables } : null, error };
}

function loadAll(runs, columns, window, secondsPerUnit, signal) {
  const range = window && rangeOf(window, secondsPerUnit);
  return Promise.all(
    runs.map(async ({ run, names }) => {
      const wanted = [TIME, ...columns.filter((name) => names.includes(name))];
      const [seconds, ...values] = await loadSeries(run, wanted, range, signal);
      const table = new Map(values.map((item, index) => [wanted[index + 1], item]));
      return table.set(TIME, seconds.map((second) => second / secondsPerUnit));
    }),
  );
}

function rangeOf([low, high], secondsPerUnit) {
  const margin = (high - low) * BEYOND_WINDOW;
  return { from: (low - margin) * secondsPerUnit, to: (high + margin) * secondsPerUnit };
}

function wholeOf(tables) {
  const ends = tables.flatMap((table) => [table.get(TIME)[0], table.get(TIME).at(-1)]).filter((end) => end !== undefined);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return high > low ? [low, high] : [low, low + 1];
}

function panelData(panel, tables, runs) {
  const parts = [];
  const curves = [];
  runs.forEach(({ label, colourIndex }, index) => {
    const table = tables[index];
    const columns = panel.columns.filter((name) => table.has(name));
    if (!columns.length) return;
    parts.push([table.get(TIME), ...columns.map((name) => scaled(table.get(name), panel.factor))]);
    columns.forEach((name, order) => {
      const text = runs.length > 1 ? label : panel.columns.length > 1 ? columnLabel(name) : "";
      curves.push({ label: text, colourIndex, isDashed: order > 0 });
    });
  });
  return { data: align(parts), curves };
}

function scaled(values, factor) {
  return factor ? values.map((value) => (value === null ? null : value * factor)) : values;
}

function Toolbar({ isZoomed, shown, whole, show, cursor, time }) {
  const button = (label, sign, next, disabled) =>
    html`<button type="button" class="icon" aria-label=${label} title=${label} disabled=${disabled} onClick=${() => show(next())}>${sign}</button>`;
  return html`<div class="chart-toolbar">
    <${CursorTime} cursor=${cursor} time=${time} />
    <div role="group" aria-label="Zoom">
      ${button("Earlier", "←", () => shifted(shown, -0.5, whole), !isZoomed)}
      ${button("Later", "→", () => shifted(shown, 0.5, whole), !isZoomed)}
      ${button("Zoom in", "+", () => zoomed(shown, 0.5, whole), false)}
      ${button("Zoom out", "−", () => zoomed(shown, 2, whole), !isZoomed)}
      <button type="button" disabled=${!isZoomed} onClick=${() => show(null)}>Reset zoom</button>
    </div>
  </div>`;
}

function CursorTime({ cursor, time }) {
  const value = useStore(cursor);
  if (value === null) return html`<p class="cursor-time muted">Drag to zoom, double-click to reset</p>`;
  const seconds = value * time.seconds;
  return html`<p class="cursor-time">
    <strong>${number(value, 5)} ${time.unit}</strong>${seconds >= 60 && html` <span class="muted">${duration(seconds)}</span>`}
  </p>`;
}

function FurtherColumns({ names, chosen, onChange }) {
  if (!names.length) return null;
  const toggle = (name) => onChange(chosen.includes(name) ? chosen.filter((item) => item !== name) : [...chosen, name]);
  return html`<details class="more-columns">
    <summary>More columns</summary>
    <div class="chips">
      ${names.map(
        (name) => html`<label class="chip">
          <input type="checkbox" checked=${chosen.includes(name)} onChange=${() => toggle(name)} /><span>${name}</span>
        </label>`,
      )}
    </div>
  </details>`;
}
