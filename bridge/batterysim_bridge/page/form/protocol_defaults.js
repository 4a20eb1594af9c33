// What each protocol begins with when it is chosen.
import { getAt } from "./spec_path.js";

export function protocolDefaults(catalogue) {
  const [experiment] = catalogue.experiments;
  return {
    constantCurrent: { cRate: 1, durationSeconds: 3600 },
    constantPower: { powerWatts: 10, durationSeconds: 3600 },
    constantVoltage: { volts: 4, durationSeconds: 3600 },
    cccv: { chargeCRate: 0.5 },
    rest: { durationSeconds: 3600 },
    driveCycle: { name: catalogue.driveCycles[0].name },
    profile: { quantity: "Current", csv: "Time [s],Current [A]\n0,1\n60,5\n120,0\n" },
    experiment: fromPreset(experiment),
    impedance: { frequencyRange: { lowestHertz: 0.001, highestHertz: 10000, pointsPerDecade: 10 } },
  };
}

export function fromPreset({ steps, cycles }) {
  return cycles > 1 ? { steps, cycles } : { steps };
}

export function protocolOf(manifest, names) {
  return names.find((name) => getAt(manifest, `spec.protocol.${name}`) !== undefined) ?? "";
}

export const FIRST_SPEC = {
  model: { family: "DFN" },
  cell: { parameterSet: "Chen2020", initialStateOfCharge: 1 },
  protocol: { constantCurrent: { cRate: 1, durationSeconds: 3600 } },
};
