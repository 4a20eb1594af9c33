"""What each model family is, in a line."""

from collections.abc import Mapping

from batterysim.spec.model import ModelFamily

MODEL_DESCRIPTIONS: Mapping[ModelFamily, str] = {
    "SPM": "single particle: one particle represents each electrode; the fastest",
    "SPMe": "single particle with electrolyte",
    "DFN": "Doyle-Fuller-Newman: particles across each electrode; the most complete",
    "MPM": "many particles: single particles of different sizes",
    "MSMR": "multi-species, multi-reaction: electrodes described by their reactions",
    "NewmanTobias": "porous electrodes with uniform particles",
    "Thevenin": "equivalent circuit: a resistor and RC elements behind the open-circuit voltage",
}
