// What is said while the bridge does not answer.
import { retryNow, trouble } from "./connection.js";
import { html } from "../common/html.js";
import { useNow } from "../common/now.js";
import { useStore } from "../common/store.js";

export function Banner() {
  const problem = useStore(trouble);
  return html`<div role="alert" class="banner-place">${problem && html`<${Trouble} problem=${problem} />`}</div>`;
}

function Trouble({ problem }) {
  const seconds = Math.max(0, Math.ceil((problem.retryTime - useNow(500)) / 1000));
  return html`<div class="banner">
    <p>
      <strong>${problem.message}</strong>${" "}
      What you see is what was last known. Runs go on without this page, and results stay stored.
    </p>
    <p>
      <span aria-live="off">${seconds ? `Next attempt in ${seconds} s.` : "Trying …"}</span>${" "}
      <button type="button" onClick=${retryNow}>Try now</button>
    </p>
  </div>`;
}
