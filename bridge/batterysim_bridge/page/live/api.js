// Requests to the bridge, with the token, and what can go wrong with them.
import { session } from "../session/session.js";

// Relative to the page, which may be served below another path by a proxy.
export const SIMULATIONS = "v1/simulations";

// The bridge has answered, and says no: a problem document after RFC 9457.
export class RefusedError extends Error {
  constructor(status, problem, retryAfterSeconds, username) {
    super(problem.detail || problem.title || `the bridge answered ${status}`);
    this.status = status;
    this.username = username;
    this.title = problem.title || "The request failed";
    this.fields = problem.errors || [];
    this.isTemporary = Boolean(problem.retryable) || status === 429;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

// Nobody has answered, or only a proxy.
export class UnreachableError extends Error {
  constructor(message) {
    super(message);
    this.isTemporary = true;
  }
}

export function simulationPath(namespace, name) {
  return `${SIMULATIONS}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of [value].flat()) {
      if (item !== undefined && item !== null && item !== "") query.append(name, item);
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function send(path, { method = "GET", headers = {}, body, signal } = {}) {
  const known = session.get();
  const authorization = known ? { Authorization: `Bearer ${known.token}` } : {};
  let answer;
  try {
    answer = await fetch(path, { method, body, signal, headers: { ...authorization, ...headers } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new UnreachableError("The bridge does not answer.");
  }
  if (answer.ok) return answer;
  throw await errorOf(answer);
}

export async function getJson(path, signal) {
  const answer = await send(path, { signal, headers: { Accept: "application/json" } });
  return readJson(answer);
}

export async function postJson(path, document, { headers = {}, signal } = {}) {
  const answer = await send(path, {
    method: "POST",
    body: JSON.stringify(document),
    signal,
    headers: { "Content-Type": "application/json", ...headers },
  });
  return readJson(answer);
}

async function readJson(answer) {
  try {
    return await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new UnreachableError("The bridge's answer was cut short.");
  }
}

async function errorOf(answer) {
  const isProblem = (answer.headers.get("Content-Type") || "").startsWith("application/problem+json");
  if (!isProblem && answer.status >= 500) {
    return new UnreachableError(`Something between here and the bridge answered ${answer.status}.`);
  }
  const problem = isProblem ? await answer.json().catch(() => ({})) : {};
  return new RefusedError(answer.status, problem, Number(answer.headers.get("Retry-After")) || undefined);
}
