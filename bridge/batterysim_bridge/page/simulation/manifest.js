// A simulation or a sweep as a user writes it, and as YAML.
import { dump, load } from "../vendor/js-yaml/js-yaml.esm.min.mjs";

const API_VERSION = "batterysim.dev/v1alpha1";
const KIND = "BatterySimulation";

// A spec without the parts that the API server has filled in and that say nothing.
export function manifestOf({ kind = KIND, metadata, spec }) {
  const own = Object.fromEntries(
    Object.entries(metadata.labels ?? {}).filter(([key]) => !key.startsWith("batterysim.dev/")),
  );
  const labels = Object.keys(own).length ? { labels: own } : {};
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: metadata.name, namespace: metadata.namespace, ...labels },
    // A design may be empty, as of a grid, and says something.
    spec: spec.design ? { ...withoutEmpty(spec), design: spec.design } : withoutEmpty(spec),
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

// Throws an Error that says where the text is not YAML, or why it is no manifest.
export function fromYaml(text) {
  const manifest = asJson(load(text));
  if (!isObject(manifest)) throw new Error("The text is not a manifest: begin with apiVersion, kind, metadata and spec.");
  return manifest;
}

// What is sent in the end: without dates, and without parts that refer to themselves.
function asJson(value) {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    throw new Error("The text is not a manifest: an alias (*name) is inside of its own anchor (&name).");
  }
}
