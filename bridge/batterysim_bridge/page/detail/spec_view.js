// The spec, as it can be applied again.
import { CopyButton } from "../common/copy_button.js";
import { html } from "../common/html.js";
import { manifestOf, toYaml } from "../simulation/manifest.js";

export function SpecView({ simulation }) {
  const yaml = toYaml(manifestOf(simulation));
  return html`<section class="card spec">
    <div class="card-head"><h2>Spec</h2><${CopyButton} text=${yaml} /></div>
    <pre tabindex="0" role="group" aria-label="Spec as YAML"><code>${yaml}</code></pre>
  </section>`;
}
