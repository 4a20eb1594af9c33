// A refusal: what is missing, and what to do about it.
import { html } from "../common/html.js";
import { grantCommands } from "./grant.js";
import { signOut } from "./session.js";
import { SignIn } from "./sign_in.js";

export function AccessProblem({ error, namespace }) {
  if (error.status === 401) return html`<${SignIn} reason=${error.message} />`;
  if (error.status === 403) return html`<${Forbidden} error=${error} namespace=${namespace} />`;
  return html`<section class="notice notice-error" role="alert">
    <h2>${error.title ?? "Something went wrong"}</h2>
    <p>${error.message}</p>
  </section>`;
}

function Forbidden({ error, namespace }) {
  return html`<section class="notice notice-error" role="alert">
    <h2>You are not allowed to do this</h2>
    <p>${error.message}.</p>
    ${!namespace && html`<p>If you have rights in one namespace only, name it in the filter above.</p>`}
    <p>Someone who administers the cluster can give you the right to read, or to create and delete as well:</p>
    <pre tabindex="0" role="group" aria-label="Commands"><code>${grantCommands(userOf(error), namespace).join("\n")}</code></pre>
    <p><button type="button" onClick=${signOut}>Sign in as somebody else</button></p>
  </section>`;
}

// The bridge's messages begin with the user's name.
function userOf({ username, message }) {
  return username ?? message.split(" ")[0];
}
