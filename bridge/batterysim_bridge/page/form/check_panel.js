// Whether the manifest can be run, what is wrong with it, and the button that runs it.
import { html } from "../common/html.js";
import { AccessProblem } from "../session/access_problem.js";
import { SignIn } from "../session/sign_in.js";

const WORDS = {
  checking: "Checking …",
  valid: "This can be run.",
  invalid: "This cannot be run yet.",
  unknown: "It could not be checked.",
};

// formId: the form that the button submits. It is not around this panel, because signing in is a form, too.
export function CheckPanel({ validation, yamlProblem, submitError, isSubmitting, formId }) {
  const state = yamlProblem ? "invalid" : validation.state;
  const error = submitError ?? validation.error;
  if (error?.status === 401) return html`<${SignIn} reason=${error.message} />`;
  return html`<section class=${`check check-${state}`} aria-label="Check">
    <p role="status"><strong>${WORDS[state]}</strong> ${state === "valid" && html`<span class="muted">${validation.protocol}</span>`}</p>
    ${yamlProblem
      ? html`<p class="problem">${yamlProblem}</p>`
      : html`<ul class="problems">${validation.problems.map(({ field, message }) => html`<li>
          ${field && html`<code>${field}</code>${" "}`}${message}
        </li>`)}</ul>`}
    ${state === "unknown" && validation.error && html`<p>${validation.error.message}</p>`}
    ${submitError && html`<p class="problem" role="alert">${submitError.message} ${submitError.isTemporary && "Nothing is lost: trying again is safe."}</p>`}
    ${validation.refusal && html`<${AccessProblem} error=${validation.refusal} namespace=${validation.namespace} />`}
    ${!validation.refusal && !validation.isFirst && html`<button class="primary" type="submit" form=${formId} disabled=${isSubmitting || state === "invalid"}>
      ${isSubmitting ? "Submitting …" : "Run the simulation"}
    </button>`}
  </section>`;
}
