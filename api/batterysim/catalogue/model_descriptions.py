"""What each model family is, in a line."""

from collections.abc import Mapping

from batterysim.spec.model import ModelFamily

MODEL_DESCRIPTIONS: Mapping[ModelFamily, str] = {
    "SPM": "single particle: one particle stands for each electrode; the quickest",
    "SPMe": "single particle with electrolyte",
    "DFN": "Doyle-Fuller-Newman: particles all along each electrode; the most complete",
    "MPM": "many particles: single particles of many sizes",
    "MSMR": "multi-species, multi-reaction: electrodes by their reactions",
    "NewmanTobias": "porous electrodes with uniform particles",
    "Thevenin": "equivalent circuit: a resistor and RC elements behind the open-circuit voltage",
}
