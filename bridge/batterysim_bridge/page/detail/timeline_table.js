// When each stage of a run was reached, and how long it took to get there.
import { html } from "../common/html.js";
import { duration } from "../common/quantity.js";
import { inWords, phaseOf } from "../simulation/simulation.js";

const STAGES = {
  acceptedTime: "Spec accepted",
  jobCreatedTime: "Job created",
  runnerStartedTime: "Runner started",
  solverImportedTime: "PyBaMM imported",
  solvedTime: "Solved",
  resultReceivedTime: "Result received",
  resultStoredTime: "Result stored",
  succeededTime: "Succeeded",
};

export function TimelineTable({ simulation }) {
  const { timeline = {}, failure, completionTime } = simulation.status ?? {};
  const end = failure && completionTime ? [{ label: `${phaseOf(simulation)}: ${inWords(failure.reason)}`, time: Date.parse(completionTime) }] : [];
  const events = Object.entries(timeline)
    .filter(([name]) => name in STAGES)
    .map(([name, time]) => ({ label: STAGES[name], time: Date.parse(time) }))
    .concat(end)
    .sort((one, other) => one.time - other.time);
  if (!events.length) return null;
  const longest = Math.max(1e-3, ...events.map((event, index) => secondsBefore(events, index)));
  return html`<section class="card">
    <h2>Events</h2>
    <table class="facts timeline">
      <thead><tr><th scope="col">Event</th><th scope="col">At</th><th scope="col" class="number">After</th><td></td></tr></thead>
      <tbody>
        ${events.map(({ label, time }, index) => {
          const seconds = secondsBefore(events, index);
          return html`<tr>
            <th scope="row">${label}</th>
            <td>${new Date(time).toLocaleTimeString()}</td>
            <td class="number">${index ? `+${duration(seconds)}` : ""}</td>
            <td class="bar-cell"><meter max=${longest} value=${seconds} aria-hidden="true"></meter></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
}

function secondsBefore(events, index) {
  return index ? (events[index].time - events[index - 1].time) / 1000 : 0;
}
