// Which simulations the list shows.
import { html, useEffect, useId, useState } from "../common/html.js";
import { listAddress, replaceAddress, route } from "../router.js";
import { isNamePart, looksLikeToken } from "../session/looks_like_token.js";
import { session } from "../session/session.js";
import { PHASES } from "../simulation/simulation.js";

const TYPING_MILLISECONDS = 300;
const NAMESPACE = "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?";

export function filterOf(parameters) {
  return {
    namespace: parameters.get("namespace") ?? "",
    phase: parameters.getAll("phase"),
    protocol: parameters.get("protocol") ?? "",
    q: parameters.get("q") ?? "",
  };
}

export function ListFilters({ filter, namespaces, protocolTitles }) {
  // With what is chosen by then, because text comes late.
  const change = (part) => replaceAddress(listAddress({ ...filterOf(route.get().parameters), ...part }));
  const chosen = filter.protocol ? { [filter.protocol]: filter.protocol } : {}; // also before the titles are there
  return html`<form class="filters" role="search" aria-label="Simulations" onSubmit=${(event) => event.preventDefault()}>
    <${TextFilter} label="Name" value=${filter.q} placeholder="part of the name" onChange=${(q) => change({ q })} />
    <label class="filter">
      <span>Protocol</span>
      <select value=${filter.protocol} onChange=${(event) => change({ protocol: event.currentTarget.value })}>
        <option value="">any</option>
        ${Object.entries({ ...chosen, ...protocolTitles }).map(
          ([name, text]) => html`<option value=${name} selected=${name === filter.protocol}>${text}</option>`,
        )}
      </select>
    </label>
    <${NamespaceFilter} value=${filter.namespace} namespaces=${namespaces} onChange=${(namespace) => change({ namespace })} />
    <${PhaseFilter} phases=${PHASES} chosen=${filter.phase} onChange=${(phase) => change({ phase })} />
  </form>`;
}

export function NamespaceFilter({ value, namespaces, onChange }) {
  const id = useId();
  return html`
    <${TextFilter} label="Namespace" value=${value} placeholder="all" list=${id} pattern=${NAMESPACE} onChange=${onChange} />
    <datalist id=${id}>${namespaces.map((name) => html`<option value=${name} />`)}</datalist>
  `;
}

export function TextFilter({ label, value, onChange, ...attributes }) {
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState("");
  const id = useId();
  useEffect(() => setText(value), [value]);
  const take = (event) => {
    const { value: typed, validity } = event.currentTarget;
    if (looksLikeToken(typed, session.get()?.token)) {
      event.currentTarget.value = text;
      setProblem("This looks like a token, so it is not searched for. Sign in with it.");
      return;
    }
    const isPossible = isNamePart(typed) && validity.valid;
    setProblem(isPossible ? "" : "Names have small letters, digits, hyphens and dots only.");
    if (isPossible) setText(typed);
  };
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text.trim()), TYPING_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <input
      id=${id} type="search" value=${text} autocomplete="off" spellcheck=${false} ...${attributes}
      aria-invalid=${problem !== ""} aria-describedby=${`${id}-problem`} onInput=${take}
    />
    <span class="problem" id=${`${id}-problem`} role="status">${problem}</span>
  </div>`;
}

export function PhaseFilter({ phases, chosen, onChange }) {
  const toggle = (phase) =>
    onChange(chosen.includes(phase) ? chosen.filter((item) => item !== phase) : [...chosen, phase]);
  return html`<fieldset class="filter phases">
    <legend>Phase</legend>
    <div class="chips">
      ${phases.map(
        (phase) => html`<label class="chip">
          <input type="checkbox" checked=${chosen.includes(phase)} onChange=${() => toggle(phase)} /><span>${phase}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}
