// Live changes of simulations. EventSource cannot send a token, so the stream is read with fetch.
import { send, UnreachableError } from "./api.js";
import { recovered, waitAfter } from "./connection.js";
import { createParser } from "./server_sent_events.js";

const PAUSE_MILLISECONDS = 500;
// The bridge sends a heartbeat every 15 s; three that are missing mean a connection that nobody has closed.
const SILENCE_MILLISECONDS = 45_000;

// Calls onEvent({ event, id, data }) until the signal aborts or the bridge says that there is no more (204).
// Comes back with the last id after a loss. Rejects where a repetition cannot help, such as 403 or 404.
export async function follow(path, { since, onEvent, signal, silenceMilliseconds = SILENCE_MILLISECONDS }) {
  let lastId = since;
  for (let failures = 0; !signal.aborted; ) {
    await untilVisible(signal);
    const watchdog = createWatchdog(silenceMilliseconds);
    try {
      const ended = AbortSignal.any([whileVisible(signal), watchdog.signal]);
      const answer = await send(path, { signal: ended, headers: headersAfter(lastId) });
      recovered();
      if (answer.status === 204) return;
      failures = 0;
      const push = createParser((item) => {
        lastId = item.id || lastId;
        onEvent({ ...item, data: JSON.parse(item.data) });
      });
      await read(answer.body, (text) => {
        watchdog.reset();
        push(text);
      });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    } catch (error) {
      if (signal.aborted) return;
      if (error.name === "AbortError") continue; // the tab is hidden
      const isLoss = error.isTemporary || error instanceof TypeError; // that is how a torn stream ends
      if (!isLoss) throw error;
      failures += 1;
      await waitAfter(error.isTemporary ? error : new UnreachableError("The connection was lost."), failures, signal);
    } finally {
      watchdog.stop();
    }
  }
}

// Its signal aborts after a silence, as a connection that is lost.
function createWatchdog(milliseconds) {
  const controller = new AbortController();
  const bark = () => controller.abort(new UnreachableError("The connection was lost."));
  let timer = setTimeout(bark, milliseconds);
  return {
    signal: controller.signal,
    reset() {
      clearTimeout(timer);
      timer = setTimeout(bark, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

function headersAfter(lastId) {
  const headers = { Accept: "text/event-stream" };
  return lastId === undefined ? headers : { ...headers, "Last-Event-ID": lastId };
}

async function read(body, onText) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onText(value);
  }
}

// Browsers open six connections to a host; tabs that nobody looks at must not hold them all.
export function untilVisible(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}

function whileVisible(signal) {
  const hidden = new AbortController();
  document.addEventListener("visibilitychange", () => hidden.abort(), { once: true, signal });
  return AbortSignal.any([signal, hidden.signal]);
}
