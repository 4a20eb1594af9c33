// Which cell a manifest names, and what another cell means for the model.
import { textOf } from "./field_text.js";
import { getAt, partsOf, setAt } from "./spec_path.js";

const SOURCES = ["parameterSet", "preset", "bpx"];

export function cellOf(manifest, catalogue) {
  return catalogue.cells.find((cell) => getAt(manifest, `spec.cell.${cell.field}`) === cell.name) ?? null;
}

// Names the cell, and gives the model the options that this cell needs in the place of those that the last one did.
export function withCell(manifest, cell, catalogue) {
  const before = cellOf(manifest, catalogue);
  let next = manifest;
  for (const field of SOURCES) next = setAt(next, `spec.cell.${field}`, undefined);
  next = setAt(next, `spec.cell.${cell.field}`, cell.name);
  const family = familyOf(manifest);
  return withModel(next, family in cell.models ? family : Object.keys(cell.models)[0], cell, before, family);
}

export function withFamily(manifest, family, catalogue) {
  const cell = cellOf(manifest, catalogue);
  return withModel(manifest, family, cell, cell, familyOf(manifest));
}

export function familyOf(manifest) {
  return textOf(getAt(manifest, "spec.model.family")) || "DFN";
}

function withModel(manifest, family, cell, cellBefore, familyBefore) {
  const options = { ...partsOf(getAt(manifest, "spec.model.options")) };
  for (const name of Object.keys(cellBefore?.models[familyBefore] ?? {})) delete options[name];
  Object.assign(options, cell?.models[family]);
  const next = setAt(manifest, "spec.model.family", family);
  return setAt(next, "spec.model.options", Object.keys(options).length ? options : undefined);
}

export function describeCell({ title, nominalCapacityAmpereHours: capacity, lowerCutoffVolts: low, upperCutoffVolts: high }) {
  const facts = [title];
  if (capacity !== undefined) facts.push(`${Number(capacity.toPrecision(4))} A·h`);
  if (low !== undefined && high !== undefined) facts.push(`${low} to ${high} V`);
  return facts.join(", ");
}
