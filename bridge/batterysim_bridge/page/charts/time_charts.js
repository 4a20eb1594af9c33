// Series over time, of one run or of several, under a common cursor and in a common window.
import { announce } from "../common/announcer.js";
import { html, useMemo, useState } from "../common/html.js";
import { duration, number } from "../common/quantity.js";
import { TIME } from "../results/result.js";
import { runKey } from "../router.js";
import { createStore, useStore } from "../common/store.js";
import { align } from "./aligned_data.js";
import { ChartPanel } from "./chart_panel.js";
import { columnLabel, furtherColumns, measuredOf, panelsFor, unitOfTime } from "./panels.js";
import { useTimeSeries } from "./time_series.js";
import { shifted, within, zoomed } from "./time_window.js";

// runs: [{ run: { namespace, name }, label, colourIndex, names, endSeconds }]; names are its result's columns.
export function TimeCharts({ runs }) {
  const [extra, setExtra] = useState([]);
  const [window, setWindow] = useState(null); // [low, high] in s
  const cursor = useMemo(() => createStore(null), []);
  const names = useMemo(() => [...new Set(runs.flatMap((item) => item.names))], [runs]);
  const panels = useMemo(() => panelsFor(names, extra, runs.length), [names, extra, runs.length]);
  const time = unitOfTime(Math.max(...runs.map((item) => item.endSeconds ?? 0)));
  const columns = [...new Set(panels.flatMap((panel) => panel.columns))];
  const { overview, shown: tables, error } = useTimeSeries(runs, columns, window);
  // Once for each answer: a chart that is given new arrays draws itself again.
  const drawn = useMemo(
    () => tables && panels.map((panel) => panelData(panel, tables, runs, time.seconds)).filter(({ curves }) => curves.length),
    [panels, tables, runs, time.seconds],
  );
  if (error) return html`<p class="notice notice-error" role="alert">The curves could not be loaded: ${error.message}</p>`;
  if (!drawn?.length) return html`<p class="nothing">Loading the curves …</p>`;

  const whole = wholeOf(overview);
  const shown = window ?? whole;
  const inUnit = (seconds) => seconds / time.seconds;
  const show = (next) => {
    setWindow(next);
    announce(next ? `From ${number(inUnit(next[0]), 4)} to ${number(inUnit(next[1]), 4)} ${time.unit}` : "All of the time");
  };
  const common = {
    range: shown.map(inUnit),
    xLabel: `Time [${time.unit}]`,
    syncKey: "time",
    onSelect: (low, high) => show(within([low * time.seconds, high * time.seconds], whole)),
    onReset: () => show(null),
    onZoom: (factor) => show(zoomed(shown, factor, whole)),
  };
  return html`<section class="charts" aria-label="Charts over time">
    <${Toolbar} isZoomed=${window !== null} shown=${shown} whole=${whole} show=${show} cursor=${cursor} time=${time} />
    ${drawn.map(({ panel, data, curves }, index) => html`<${ChartPanel}
      key=${panel.columns[0]} ...${common} title=${panel.title} unit=${panel.unit} note=${panel.note} data=${data} curves=${curves}
      isLast=${index === drawn.length - 1} onCursor=${index === 0 ? cursor.set : undefined}
    />`)}
    <${FurtherColumns} names=${furtherColumns(names)} chosen=${extra} onChange=${setExtra} />
  </section>`;
}

function wholeOf(tables) {
  const ends = [...tables.values()].flatMap((table) => [table.get(TIME)[0], table.get(TIME).at(-1)]).filter((end) => end !== undefined);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return high > low ? [low, high] : [low, low + 1];
}

// Of the runs and columns whose points are there.
function panelData(panel, tables, runs, secondsPerUnit) {
  const parts = [];
  const curves = [];
  runs.forEach(({ run, label, colourIndex }) => {
    const table = tables.get(runKey(run));
    const columns = panel.columns.filter((name) => table?.has(name));
    if (!columns.length) return;
    const times = table.get(TIME).map((seconds) => seconds / secondsPerUnit);
    parts.push([times, ...columns.map((name) => scaled(table.get(name), panel.factor))]);
    columns.forEach((name, order) => {
      const own = panel.columns.length > 1 ? columnLabel(name) : "";
      const text = runs.length > 1 ? [label, order > 0 && own].filter(Boolean).join(", ") : own;
      curves.push({ label: text, colourIndex, isDashed: order > 0, isMeasured: name === measuredOf(panel.columns[0]) });
    });
  });
  return { panel, data: curves.length ? align(parts) : [], curves };
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
