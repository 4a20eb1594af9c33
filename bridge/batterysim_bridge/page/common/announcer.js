// What a screen reader says without being asked.
import { html, useEffect, useState } from "./html.js";
import { createStore } from "./store.js";

const said = createStore("");

export function announce(text) {
  said.set(text);
}

export function Announcer() {
  const [text, setText] = useState("");
  useEffect(() => said.subscribe(setText), []);
  return html`<div class="unseen" role="status" aria-live="polite">${text}</div>`;
}
