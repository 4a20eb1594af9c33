"""The protocols: what is done to the cell or pack over time, one field of `spec.protocol` each."""
