// Whether the bridge answers, and when it is asked again. The banner shows it.
import { delaySeconds } from "./backoff.js";
import { createStore } from "../common/store.js";

// null while the bridge answers; else { message, failures, retryTime }, the time in ms since 1970.
export const trouble = createStore(null);

const sleepers = new Set(); // what wakes each of those that wait
const failing = new Set(); // the signals of those whose last request has failed

export function retryNow() {
  for (const wake of [...sleepers]) wake();
}

export function recovered() {
  failing.clear();
  if (trouble.get()) trouble.set(null);
}

// Waits as long as is decent after a failure, or until the user is impatient.
export async function waitAfter(error, failures, signal) {
  const seconds = delaySeconds(failures, error.retryAfterSeconds);
  failing.add(signal);
  signal.addEventListener("abort", () => giveUp(signal), { once: true });
  trouble.set({ message: error.message, failures, retryTime: Date.now() + seconds * 1000 });
  await pause(seconds, signal);
}

// A view that nobody looks at any more is no trouble.
function giveUp(signal) {
  if (failing.delete(signal) && failing.size === 0) recovered();
}

function pause(seconds, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      sleepers.delete(wake);
      signal.removeEventListener("abort", wake);
      window.removeEventListener("online", wake);
      resolve();
    };
    const timer = setTimeout(wake, seconds * 1000);
    sleepers.add(wake);
    signal.addEventListener("abort", wake);
    window.addEventListener("online", wake);
  });
}

// Does something until it succeeds; gives up only where a repetition cannot help.
export async function persist(attempt, signal) {
  for (let failures = 1; ; failures += 1) {
    try {
      const result = await attempt();
      recovered();
      return result;
    } catch (error) {
      if (signal.aborted || !error.isTemporary) throw error;
      await waitAfter(error, failures, signal);
      if (signal.aborted) throw error;
    }
  }
}
