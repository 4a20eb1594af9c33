// What is shown in the place of a view that has failed, so that a fault is not the end of the whole page.
import { Component, html } from "./html.js";
import { forgetViews } from "../session/session.js";

export class ErrorBoundary extends Component {
  state = { error: null };

  static getDerivedStateFromError(error) {
    return { error };
  }

  render({ children }, { error }) {
    if (!error) return children;
    const startOver = () => {
      forgetViews();
      this.setState({ error: null });
    };
    return html`<section class="notice notice-error" role="alert">
      <h1>This view has failed</h1>
      <p>That is a fault of the page: ${error.message}. Runs go on, and results stay stored.</p>
      <p>Starting over forgets what this tab has kept, such as an unfinished form.</p>
      <p><button type="button" onClick=${startOver}>Start over</button></p>
    </section>`;
  }
}
