// The spec, as it can be applied again.
import { CopyButton } from "./copy_button.js";
import { html } from "./html.js";
import { manifestOf, toYaml } from "./manifest.js";

export function SpecView({ simulation }) {
  const yaml = toYaml(manifestOf(simulation));
  return html`<section class="card spec">
    <div class="card-head"><h2>Spec</h2><${CopyButton} text=${yaml} /></div>
    <pre tabindex="0" role="group" aria-label="Spec as YAML"><code>${yaml}</code></pre>
  </section>`;
}
