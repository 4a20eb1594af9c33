// The table as a file. A link cannot send a token, so the file is fetched and then handed to the browser.
import { withQuery } from "../live/api.js";
import { html } from "../common/html.js";
import { bytes, number } from "../common/quantity.js";
import { FileButtons } from "../detail/download_buttons.js";
import { sweepPath } from "./sweep.js";

const FILES = [
  { label: "Parquet", ending: "parquet" },
  { label: "CSV", ending: "csv" },
  { label: "JSON", ending: "json" },
  { label: "Arrow", ending: "arrow" },
];

export function SweepDownloads({ run, results }) {
  const pathOf = ({ ending }) => withQuery(`${sweepPath(run)}/points`, { format: ending });
  return html`<${FileButtons} name=${run.name} files=${FILES} pathOf=${pathOf}>
    <span class="muted">${number(results.rows)} rows, ${bytes(results.sizeBytes)} stored</span>
  <//>`;
}
