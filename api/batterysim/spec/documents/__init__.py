"""Documents that a spec brings along, inline or from a ConfigMap: references, reading, limits."""
