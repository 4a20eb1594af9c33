// The manifest as YAML, which can be changed there as well as by the form.
import { CopyButton } from "../common/copy_button.js";
import { html, useEffect, useId, useRef, useState } from "../common/html.js";
import { fromYaml, toYaml } from "../simulation/manifest.js";

export function YamlEditor({ manifest, onChange, onProblem, problem }) {
  const id = useId();
  const written = useRef(null);
  const [text, setText] = useState(() => toYaml(manifest));
  useEffect(() => {
    // What was written here stays as it was written.
    if (written.current !== manifest) setText(toYaml(manifest));
  }, [manifest]);
  const take = (event) => {
    setText(event.currentTarget.value);
    try {
      written.current = fromYaml(event.currentTarget.value);
    } catch (error) {
      onProblem(error.message);
      return;
    }
    onProblem(null);
    onChange(written.current);
  };
  return html`<div class="yaml">
    <div class="card-head"><label for=${id}><strong>YAML</strong></label><${CopyButton} text=${text} /></div>
    <textarea
      id=${id} rows="20" spellcheck=${false} autocomplete="off" value=${text} onInput=${take}
      aria-invalid=${problem !== null} aria-describedby=${`${id}-hint`}
    />
    <p class="hint" id=${`${id}-hint`}>For <code>kubectl apply -f</code>, too. Everything of the spec can be written here.</p>
  </div>`;
}
