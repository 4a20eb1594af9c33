// Reading and changing a manifest by paths such as "spec.cell.parameterSet". Nothing is changed in place.

export function getAt(manifest, path) {
  return path.split(".").reduce((value, key) => value?.[key], manifest);
}

// undefined removes the field, and whatever is left empty above it, down to `spec` and `metadata`.
export function setAt(manifest, path, value) {
  return changed(manifest, path.split("."), value, 0) ?? {};
}

function changed(parent, [key, ...rest], value, depth) {
  const next = { ...parent };
  const child = rest.length ? changed(next[key], rest, value, depth + 1) : value;
  if (child === undefined) delete next[key];
  else next[key] = child;
  const isEmpty = Object.keys(next).length === 0;
  return isEmpty && depth > 1 && value === undefined ? undefined : next;
}

// Is a problem with `field` one of the control for `path`? "spec.cell" is about each of its controls only if asked.
export function isWithin(field, path) {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}
