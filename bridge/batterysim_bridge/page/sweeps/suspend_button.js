// Suspending a sweep, and going on with it.
import { announce } from "../common/announcer.js";
import { html, useState } from "../common/html.js";
import { send } from "../live/api.js";
import { hasEnded, sweepPath } from "./sweep.js";

// A sweep in a queue is held by Kueue alone, and one that has ended by nobody.
export function mayBeSuspended(sweep) {
  return !hasEnded(sweep) && !sweep.spec.run?.queueName;
}

export function SuspendButton({ run, sweep }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const isSuspended = Boolean(sweep.spec.run?.suspend);
  const change = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const body = JSON.stringify({ spec: { run: { suspend: !isSuspended } } });
      await send(sweepPath(run), { method: "PATCH", body, headers: { "Content-Type": "application/json" } });
      announce(isSuspended ? `${run.name} goes on` : `${run.name} is suspended`);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return html`
    <button type="button" disabled=${isBusy} onClick=${change}>${isSuspended ? "Resume" : "Suspend"}</button>
    ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
  `;
}
