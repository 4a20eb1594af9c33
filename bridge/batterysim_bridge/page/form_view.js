// The form for a new simulation: fields, YAML and check, all of the same manifest.
import { AccessProblem } from "./access_problem.js";
import { announce } from "./announcer.js";
import { postJson, SIMULATIONS } from "./api.js";
import { useCatalogue } from "./form/catalogue.js";
import { CellFields, ModelFields } from "./form/cell_fields.js";
import { CheckPanel } from "./form/check_panel.js";
import { forgetDraft, rememberDraft, useStartingManifest } from "./form/draft.js";
import { TextField } from "./form/fields.js";
import { OutputFields } from "./form/output_fields.js";
import { ProtocolFields } from "./form/protocol_fields.js";
import { isWithin, setAt } from "./form/spec_path.js";
import { useValidation } from "./form/validation.js";
import { YamlEditor } from "./form/yaml_editor.js";
import { html, useMemo, useState } from "./html.js";
import { detailAddress, go } from "./router.js";

export function FormView({ parameters }) {
  const [round, setRound] = useState(0);
  const startOver = () => {
    forgetDraft();
    setRound(round + 1);
  };
  return html`<${StartedForm} key=${round} from=${parameters.get("from")} onStartOver=${startOver} />`;
}

function StartedForm({ from, onStartOver }) {
  const { catalogue, error: noCatalogue } = useCatalogue();
  const { manifest, error: noManifest } = useStartingManifest(from, catalogue?.defaultNamespace);
  const error = noCatalogue ?? noManifest;
  return html`
    <header class="view-header">
      <div>
        <h1>New simulation</h1>
        ${from && html`<p class="subtitle">with the spec of ${from}</p>`}
      </div>
      <button type="button" onClick=${onStartOver}>Start over</button>
    </header>
    ${error && html`<${AccessProblem} error=${error} />`}
    ${!error && !(catalogue && manifest) && html`<p class="nothing">Loading the form …</p>`}
    ${catalogue && manifest && html`<${Form} catalogue=${catalogue} start=${manifest} from=${from} />`}
  `;
}

function Form({ catalogue, start, from }) {
  const [manifest, setManifest] = useState(start);
  const [yamlProblem, setYamlProblem] = useState(null);
  const validation = useValidation(manifest);
  const { submit, isSubmitting, submitError } = useSubmission(manifest);
  const replace = (next) => {
    setManifest(next);
    rememberDraft(from, next);
  };
  const byForm = (next) => {
    setYamlProblem(null);
    replace(next);
  };
  const form = {
    manifest,
    replace: byForm,
    change: (path, value) => byForm(setAt(manifest, path, value)),
    changeAll: (changes) => byForm(changes.reduce((next, [path, value]) => setAt(next, path, value), manifest)),
    problemsAt: (path) => validation.problems.filter(({ field }) => isWithin(field, path)).map(({ message }) => message),
  };
  return html`<form class="simulation-form" novalidate onSubmit=${submit}>
    <div class="form-fields">
      <fieldset class="group">
        <legend>Name and namespace</legend>
        <${TextField} form=${form} path="metadata.name" label="Name" placeholder="made up" hint="small letters, digits and hyphens" />
        <${TextField} form=${form} path="metadata.namespace" label="Namespace" placeholder=${catalogue.defaultNamespace} />
      </fieldset>
      <${CellFields} form=${form} catalogue=${catalogue} />
      <${ModelFields} form=${form} catalogue=${catalogue} />
      <${ProtocolFields} form=${form} catalogue=${catalogue} />
      <${OutputFields} form=${form} />
    </div>
    <div class="form-side">
      <${CheckPanel} validation=${validation} yamlProblem=${yamlProblem} submitError=${submitError} isSubmitting=${isSubmitting} />
      <${YamlEditor} manifest=${manifest} problem=${yamlProblem} onProblem=${setYamlProblem} onChange=${replace} />
    </div>
  </form>`;
}

// The same manifest has the same key, so that pressing the button again after a lost answer makes no second simulation.
function useSubmission(manifest) {
  const key = useMemo(newKey, [manifest]);
  const [state, setState] = useState({ isSubmitting: false, submitError: null });
  const submit = async (event) => {
    event.preventDefault();
    setState({ isSubmitting: true, submitError: null });
    try {
      const { metadata } = await postJson(SIMULATIONS, manifest, { headers: { "Idempotency-Key": key } });
      forgetDraft();
      announce(`${metadata.name} is submitted`);
      go(detailAddress(metadata.namespace, metadata.name));
    } catch (submitError) {
      setState({ isSubmitting: false, submitError });
    }
  };
  return { submit, ...state };
}

// crypto.randomUUID is only there for pages over https.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
