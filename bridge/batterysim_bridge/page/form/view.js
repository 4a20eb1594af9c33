// The form for a new simulation: fields, YAML and check, all of the same manifest.
import { AccessProblem } from "../session/access_problem.js";
import { announce } from "../common/announcer.js";
import { postJson, SIMULATIONS } from "../live/api.js";
import { useCatalogue } from "../live/catalogue.js";
import { CellFields, ModelFields } from "./cell_fields.js";
import { CheckPanel } from "./check_panel.js";
import { forgetDraft, newDraft, rememberDraft, sourceOf, useStartingDraft } from "./draft.js";
import { TextField } from "./fields.js";
import { MeasuredFields, OutputFields } from "./output_fields.js";
import { PackFields } from "./pack_fields.js";
import { ProtocolFields } from "./protocol_fields.js";
import { isWithin, setAt } from "./spec_path.js";
import { useValidation } from "./validation.js";
import { YamlEditor } from "./yaml_editor.js";
import { html, useEffect, useId, useRef, useState } from "../common/html.js";
import { detailAddress, go } from "../router.js";

export function FormView({ parameters }) {
  const [round, setRound] = useState(0);
  const startOver = () => {
    forgetDraft();
    setRound(round + 1);
  };
  const source = sourceOf(parameters);
  return html`<${StartedForm} key=${`${source.key} ${round}`} source=${source} onStartOver=${startOver} />`;
}

function StartedForm({ source, onStartOver }) {
  const { catalogue, error: noCatalogue } = useCatalogue();
  const { draft, error: noDraft } = useStartingDraft(source, catalogue?.defaultNamespace);
  const error = noCatalogue ?? noDraft;
  return html`
    <header class="view-header">
      <div>
        <h1>New simulation</h1>
        ${source.label && html`<p class="subtitle">${source.label}</p>`}
      </div>
      <button type="button" onClick=${onStartOver}>Start over</button>
    </header>
    ${error && html`<${AccessProblem} error=${error} />`}
    ${!error && !(catalogue && draft) && html`<p class="nothing">Loading the form …</p>`}
    ${catalogue && draft && html`<${Form} catalogue=${catalogue} start=${draft} />`}
  `;
}

function Form({ catalogue, start }) {
  const formId = useId();
  const [draft, setDraft] = useState(start);
  const { manifest } = draft;
  const [yamlProblem, setYamlProblem] = useState(null);
  const validation = useValidation(manifest);
  const { submit, isSubmitting, submitError } = useSubmission(draft);
  const replace = (next) => {
    const changed = newDraft(draft.from, next);
    setDraft(changed);
    rememberDraft(changed);
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
  return html`<div class="simulation-form">
    <form class="form-fields" id=${formId} novalidate onSubmit=${submit}>
      <fieldset class="group">
        <legend>Name and namespace</legend>
        <${TextField} form=${form} path="metadata.name" label="Name" placeholder="generated if left empty" hint="small letters, digits and hyphens" />
        <${TextField} form=${form} path="metadata.namespace" label="Namespace" placeholder=${catalogue.defaultNamespace} />
      </fieldset>
      <${CellFields} form=${form} catalogue=${catalogue} />
      <${ModelFields} form=${form} catalogue=${catalogue} />
      <${ProtocolFields} form=${form} catalogue=${catalogue} />
      <${PackFields} form=${form} />
      <${MeasuredFields} form=${form} />
      <${OutputFields} form=${form} />
    </form>
    <div class="form-side">
      <${CheckPanel} formId=${formId} validation=${validation} yamlProblem=${yamlProblem} submitError=${submitError} isSubmitting=${isSubmitting} />
      <${YamlEditor} manifest=${manifest} problem=${yamlProblem} onProblem=${setYamlProblem} onChange=${replace} />
    </div>
  </div>`;
}

// The same draft has the same key, so that pressing the button again after a lost answer makes no second simulation,
// also when the page has been loaded again in between.
function useSubmission(draft) {
  const [state, setState] = useState({ isSubmitting: false, submitError: null });
  const isHere = useRef(true);
  useEffect(() => () => (isHere.current = false), []);
  const submit = async (event) => {
    event.preventDefault();
    setState({ isSubmitting: true, submitError: null });
    rememberDraft(draft);
    try {
      const { metadata } = await postJson(SIMULATIONS, draft.manifest, { headers: { "Idempotency-Key": draft.key } });
      forgetDraft(draft.key);
      announce(`${metadata.name} is submitted`);
      // Who has gone elsewhere meanwhile is not called away.
      if (isHere.current) go(detailAddress(metadata.namespace, metadata.name));
    } catch (submitError) {
      setState({ isSubmitting: false, submitError });
    }
  };
  return { submit, ...state };
}
