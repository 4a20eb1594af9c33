"""From a solved run to a result: arrays, summary, provenance, file, and errors in words."""
