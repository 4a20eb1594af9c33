// A simulation as a user writes it, and as YAML.
import { dump, load } from "./vendor/js-yaml/js-yaml.esm.min.mjs";

const API_VERSION = "batterysim.dev/v1alpha1";
const KIND = "BatterySimulation";

// A spec without the parts that the API server has filled in and that say nothing.
export function manifestOf({ metadata, spec }) {
  const own = Object.fromEntries(
    Object.entries(metadata.labels ?? {}).filter(([key]) => !key.startsWith("batterysim.dev/")),
  );
  const labels = Object.keys(own).length ? { labels: own } : {};
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: metadata.name, namespace: metadata.namespace, ...labels },
    spec: withoutEmpty(spec),
  };
}

export function newManifest(namespace, spec) {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { namespace }, spec };
}

export function withoutEmpty(value) {
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)])
    .filter(([, item]) => item !== undefined && !isEmpty(item));
  return Object.fromEntries(entries);
}

function isEmpty(value) {
  return value !== null && typeof value === "object" && Object.keys(value).length === 0;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function toYaml(manifest) {
  return dump(manifest, { lineWidth: 100 });
}

// Throws an Error that says where the text is not YAML.
export function fromYaml(text) {
  const manifest = load(text);
  if (!isObject(manifest)) throw new Error("The text is not a manifest: begin with apiVersion, kind, metadata and spec.");
  return manifest;
}
