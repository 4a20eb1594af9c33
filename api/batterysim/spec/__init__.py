"""What a user writes: the spec of a BatterySimulation as pydantic models, one file per part of it.

Pure data: field names carry units, docstrings become `kubectl explain`. Nothing here looks at the catalogue.
"""
