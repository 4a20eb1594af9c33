"""The version of all components. The project's metadata has it from here; the chart says it once more."""

VERSION = "0.1.0"
