// The result as a file. A link cannot send a token, so the file is fetched and then handed to the browser.
import { send, simulationPath, withQuery } from "../live/api.js";
import { announce } from "../common/announcer.js";
import { html, useState } from "../common/html.js";
import { bytes } from "../common/quantity.js";
import { resultPath } from "../results/result.js";

const FILES = [
  { label: "Parquet", ending: "parquet", format: "parquet" },
  { label: "CSV", ending: "csv", format: "csv" },
  { label: "JSON", ending: "json", format: "json" },
  { label: "BDF", ending: "bdf.csv", format: "bdf" },
  { label: "ZIP", ending: "zip", format: "zip" },
  { label: "PNG", ending: "png" },
];
const PICTURE_WIDTH = 1600;

export function DownloadButtons({ run, results }) {
  return html`<${FileButtons} name=${run.name} files=${FILES} pathOf=${(file) => pathOf(run, file)}>
    <span class="muted">${results.rows} rows, ${bytes(results.sizeBytes)} stored</span>
  <//>`;
}

// files: [{ label, ending }]; pathOf(file): where the bridge has it; name: that of the file without its ending.
export function FileButtons({ name, files, pathOf: pathOfFile, children }) {
  const [busy, setBusy] = useState(null);
  const [problem, setProblem] = useState(null);
  const start = async (file) => {
    setBusy(file.label);
    setProblem(null);
    try {
      const answer = await send(pathOfFile(file));
      hand(await answer.blob(), `${name}.${file.ending}`);
      announce(`${file.label} is downloaded`);
    } catch (error) {
      setProblem(error);
    }
    setBusy(null);
  };
  return html`<section class="downloads" aria-label="Download">
    <h2>Download</h2>
    ${files.map(
      (file) => html`<button type="button" disabled=${busy !== null} onClick=${() => start(file)}>
        ${busy === file.label ? `${file.label} …` : file.label}
      </button>`,
    )}
    ${children}
    ${problem && html`<p role="alert">The file could not be fetched: ${problem.message}</p>`}
  </section>`;
}

function pathOf(run, { format }) {
  if (format) return withQuery(resultPath(run), { format });
  return withQuery(`${simulationPath(run.namespace, run.name)}/plot.png`, { width: PICTURE_WIDTH });
}

function hand(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
