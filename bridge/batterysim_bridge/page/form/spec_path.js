// Reading and changing a manifest by paths such as "spec.cell.parameterSet". Nothing is changed in place.

export function getAt(manifest, path) {
  return path.split(".").reduce((value, key) => partsOf(value)[key], manifest);
}

// undefined removes the field, and whatever is left empty above it, down to `spec` and `metadata`.
export function setAt(manifest, path, value) {
  return changed(manifest, path.split("."), value, 0) ?? {};
}

function changed(parent, [key, ...rest], value, depth) {
  const next = { ...partsOf(parent) };
  const child = rest.length ? changed(next[key], rest, value, depth + 1) : value;
  if (child === undefined) delete next[key];
  else next[key] = child;
  const isEmpty = Object.keys(next).length === 0;
  return isEmpty && depth > 1 && value === undefined ? undefined : next;
}

// Whatever else YAML has put in the place of an object has no parts: not a text's letters, nor its methods.
export function partsOf(value) {
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  return isObject ? value : {};
}

// Is a problem with `field` one of the control for `path`? "spec.cell" is about each of its controls only if asked.
export function isWithin(field, path) {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}
