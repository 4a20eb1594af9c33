// Copies a text.
import { announce } from "./announcer.js";
import { html, useState } from "./html.js";

const THANKS_MILLISECONDS = 1500;

export function CopyButton({ text }) {
  const [isDone, setDone] = useState(false);
  // Browsers have no clipboard for pages over plain http from another machine.
  if (!navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce("Copied");
    setDone(true);
    setTimeout(() => setDone(false), THANKS_MILLISECONDS);
  };
  return html`<button type="button" onClick=${copy}>${isDone ? "Copied" : "Copy"}</button>`;
}
