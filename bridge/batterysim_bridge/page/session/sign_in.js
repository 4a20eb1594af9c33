// Signing in with a token of the cluster.
import { html, useState } from "../common/html.js";
import { signIn } from "./session.js";

const COMMAND = "kubectl create token SERVICEACCOUNT --audience batterysim-bridge";

// isPage: whether there is nothing else on the page.
export function SignIn({ reason, isPage }) {
  const Heading = isPage ? "h1" : "h2";
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    const text = token.trim().replace(/^Bearer\s+/i, "");
    if (text) signIn(text);
  };
  return html`<section class="notice sign-in">
    <${Heading}>Sign in<//>
    ${reason && html`<p role="alert">${reason.charAt(0).toUpperCase() + reason.slice(1)}.</p>`}
    <form onSubmit=${submit}>
      <label class="field">
        <span>Token of the cluster</span>
        <input
          type="password" name="token" value=${token} autocomplete="off" spellcheck=${false} required
          onInput=${(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button class="primary" type="submit">Sign in</button>
    </form>
    <p>A ServiceAccount's token comes from</p>
    <pre><code>${COMMAND}</code></pre>
    <p class="muted">
      It decides what you may see and do, as with kubectl. This tab keeps it until it is closed; nothing else does.
    </p>
  </section>`;
}
