// How far a sweep is, and how fast.
import { html } from "../common/html.js";
import { duration, number } from "../common/quantity.js";
import { hasEnded, progressOf } from "./sweep.js";

export function SweepProgress({ sweep }) {
  const progress = progressOf(sweep);
  const { points, done, failed, percent, pointsPerSecond, etaSeconds, shards, shardsDone } = progress;
  if (!points) return hasEnded(sweep) ? null : html`<p class="card live">Waiting for the points to be counted</p>`;
  const isRunning = sweep.status?.phase === "Running";
  const facts = [
    ["Points done", `${number(done)} of ${number(points)}`],
    ["Failed", number(failed)],
    pointsPerSecond !== undefined && [isRunning ? "Rate" : "Last rate", `${number(pointsPerSecond, 3)} points/s`],
    isRunning && etaSeconds !== undefined && ["Left", `about ${duration(etaSeconds)}`],
    shards > 0 && ["Shards done", `${shardsDone ?? 0} of ${shards}`],
    tookSeconds(sweep.status) !== undefined && ["Took", duration(tookSeconds(sweep.status))],
  ];
  return html`<section class="card live" aria-label="Progress">
    ${!hasEnded(sweep) && html`<span class="progress">
      <progress max="100" value=${percent} aria-label="Progress of the sweep"></progress>
      <span class="progress-text">${percent} %</span>
    </span>`}
    <dl class="amounts">
      ${facts.filter(Boolean).map(([label, text]) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}
    </dl>
  </section>`;
}

function tookSeconds({ startTime, completionTime } = {}) {
  return startTime && completionTime ? (Date.parse(completionTime) - Date.parse(startTime)) / 1000 : undefined;
}
