// Deleting a simulation, after a question.
import { announce } from "../common/announcer.js";
import { send, simulationPath } from "../live/api.js";
import { html, useId, useRef, useState } from "../common/html.js";
import { go, listAddress } from "../router.js";

export function DeleteButton({ run, isUnderWay }) {
  const dialog = useRef(null);
  const heading = useId();
  const [problem, setProblem] = useState(null);
  const remove = async () => {
    setProblem(null);
    try {
      await send(simulationPath(run.namespace, run.name), { method: "DELETE" });
    } catch (error) {
      setProblem(error);
      return;
    }
    dialog.current.close();
    announce(`${run.name} is deleted`);
    go(listAddress({ namespace: run.namespace }));
  };
  return html`
    <button type="button" class="danger" onClick=${() => dialog.current.showModal()}>${isUnderWay ? "Cancel" : "Delete"}</button>
    <dialog ref=${dialog} aria-labelledby=${heading}>
      <h2 id=${heading}>Delete ${run.name}?</h2>
      <p>
        ${isUnderWay ? "The run is stopped, and the simulation is deleted." : "The simulation is deleted, and its result with it."}
        ${" "}This cannot be undone.
      </p>
      ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
      <div class="actions">
        <button type="button" autofocus onClick=${() => dialog.current.close()}>Keep it</button>
        <button type="button" class="danger" onClick=${remove}>Delete</button>
      </div>
    </dialog>
  `;
}
