// Deleting a simulation or a sweep, after a question.
import { announce } from "../common/announcer.js";
import { send, simulationPath } from "../live/api.js";
import { html, useId, useRef, useState } from "../common/html.js";
import { go, listAddress } from "../router.js";

// noun: the kind of object; path: where it is deleted; back: the list that is shown afterwards.
export function DeleteButton({ run, isUnderWay, noun = "simulation", belonging = "result", path = simulationPath(run.namespace, run.name), back = listAddress }) {
  const dialog = useRef(null);
  const heading = useId();
  const [problem, setProblem] = useState(null);
  const remove = async () => {
    setProblem(null);
    try {
      await send(path, { method: "DELETE" });
    } catch (error) {
      setProblem(error);
      return;
    }
    dialog.current.close();
    announce(`${run.name} is deleted`);
    go(back({ namespace: run.namespace }));
  };
  return html`
    <button type="button" class="danger" onClick=${() => dialog.current.showModal()}>${isUnderWay ? "Cancel" : "Delete"}</button>
    <dialog ref=${dialog} aria-labelledby=${heading}>
      <h2 id=${heading}>Delete ${run.name}?</h2>
      <p>
        ${isUnderWay ? `The run is stopped, and the ${noun} is deleted.` : `The ${noun} is deleted, and its ${belonging} with it.`}
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
