// The charts of an impedance: Nyquist, and magnitude and phase over frequency.
import { html, useEffect, useMemo, useState } from "../common/html.js";
import { FREQUENCY, loadSeries } from "../results/result.js";
import { runKey } from "../router.js";
import { align } from "./aligned_data.js";
import { ChartPanel } from "./chart_panel.js";
import { NyquistChart } from "./nyquist_chart.js";
import { within, zoomedByRatio } from "./time_window.js";

const COLUMNS = [FREQUENCY, "Real impedance [Ohm]", "Imaginary impedance [Ohm]", "Impedance magnitude [Ohm]", "Impedance phase [deg]"];
const PANELS = [
  { title: "Magnitude", unit: "mΩ", column: 3, factor: 1000 },
  { title: "Phase", unit: "°", column: 4, factor: 1 },
];

// runs: [{ run, label, colourIndex }].
export function ImpedanceCharts({ runs }) {
  const [tables, setTables] = useState(null);
  const [error, setError] = useState(null);
  const [window, setWindow] = useState(null);
  const asked = runs.map((item) => runKey(item.run)).join();
  useEffect(() => {
    const ended = new AbortController();
    setTables(null);
    Promise.all(runs.map(({ run }) => loadSeries(run, COLUMNS, null, ended.signal))).then(
      setTables, (failure) => ended.signal.aborted || setError(failure),
    );
    return () => ended.abort();
  }, [asked]);
  const sorted = useMemo(() => tables?.map(byFrequency), [tables]);
  const drawn = useMemo(() => sorted && PANELS.map((panel) => panelData(panel, sorted)), [sorted]);
  if (error) return html`<p class="notice notice-error" role="alert">The curves could not be loaded: ${error.message}</p>`;
  if (!tables || tables.length !== runs.length) return html`<p class="nothing">Loading the curves …</p>`;
  const curves = runs.map(({ label, colourIndex }) => ({ label: runs.length > 1 ? label : "", colourIndex }));
  const whole = wholeOf(sorted);
  const range = window ?? whole;
  return html`<section class="charts" aria-label="Charts of the impedance">
    <${NyquistChart} runs=${runs.map((run, index) => nyquistOf(run, tables[index]))} />
    ${PANELS.map((panel, index) => html`<${ChartPanel}
      key=${panel.title} title=${panel.title} unit=${panel.unit} isLogarithmic isLast=${index === PANELS.length - 1}
      xLabel="Frequency [Hz]" syncKey="frequency" range=${range} curves=${curves}
      data=${drawn[index]}
      onSelect=${(low, high) => setWindow(within([low, high], whole))} onReset=${() => setWindow(null)}
      onZoom=${(factor) => setWindow(zoomedByRatio(range, factor, whole))}
    />`)}
  </section>`;
}

function panelData({ column, factor }, tables) {
  return align(tables.map((table) => [table[0], table[column].map((value) => value * factor)]));
}

function nyquistOf({ label, colourIndex }, [frequencies, real, imaginary]) {
  return { label, colourIndex, frequencies, real, imaginary };
}

// A chart's axis rises; a measurement goes from high frequencies to low ones.
function byFrequency(table) {
  const order = table[0].map((_, index) => index).sort((one, other) => table[0][one] - table[0][other]);
  return table.map((column) => order.map((index) => column[index]));
}

function wholeOf(tables) {
  return [Math.min(...tables.map((table) => table[0][0])), Math.max(...tables.map((table) => table[0].at(-1)))];
}
