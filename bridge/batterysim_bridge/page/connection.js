// Whether the bridge answers, and when it is asked again. The banner shows it.
import { delaySeconds } from "./backoff.js";
import { createStore } from "./store.js";

// null while all is well; else { message, failures, retryTime }, the time in ms since 1970.
export const trouble = createStore(null);

let wake = () => {};

export function retryNow() {
  wake();
}

export function recovered() {
  if (trouble.get()) trouble.set(null);
}

// Waits as long as is decent after a failure, or until the user is impatient.
export async function waitAfter(error, failures, signal) {
  const seconds = delaySeconds(failures, error.retryAfterSeconds);
  trouble.set({ message: error.message, failures, retryTime: Date.now() + seconds * 1000 });
  await pause(seconds, signal);
}

function pause(seconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    wake = done;
    signal.addEventListener("abort", done);
    window.addEventListener("online", done);
  });
}

// Does something until it goes well; gives up only where another try cannot help.
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
