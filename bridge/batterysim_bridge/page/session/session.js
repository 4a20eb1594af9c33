// Who is signed in: a token that is kept until the tab is closed, and nowhere else.
import { createStore } from "../common/store.js";

const KEY = "batterysim-token";

export const session = createStore(fromToken(sessionStorage.getItem(KEY)));

export function signIn(token) {
  sessionStorage.setItem(KEY, token);
  session.set(fromToken(token));
}

export function signOut() {
  sessionStorage.clear();
  session.set(null);
}

// Everything but who is signed in.
export function forgetViews() {
  const known = session.get();
  sessionStorage.clear();
  if (known) sessionStorage.setItem(KEY, known.token);
}

function fromToken(token) {
  return token ? { token, ...aboutToken(token) } : null;
}

// The name and the namespace that a ServiceAccount's token says it has; only to be shown, the bridge asks Kubernetes.
export function aboutToken(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const subject = String(JSON.parse(atob(payload)).sub);
    const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject);
    return account ? { user: account[2], namespace: account[1] } : { user: subject, namespace: null };
  } catch {
    return { user: "signed in", namespace: null };
  }
}
