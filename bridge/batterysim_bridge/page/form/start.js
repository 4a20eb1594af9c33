// In which state the cell starts: at rest, as one of its fields says, or as an earlier simulation has ended.
import { setAt } from "./spec_path.js";

export const EARLIER = "spec.cell.initialState.fromResult";
const AT_REST = ["spec.cell.initialStateOfCharge", "spec.cell.initialVolts", "spec.cell.initialStoichiometry"];

// Only one of them may be given.
export function goingOn(manifest, name) {
  return setAt(AT_REST.reduce((next, path) => setAt(next, path, undefined), manifest), EARLIER, name);
}

// A form in which a number that is typed takes the place of an earlier simulation.
export function startingAtRest(form) {
  return { ...form, change: (path, value) => form.changeAll([[EARLIER, undefined], [path, value]]) };
}
