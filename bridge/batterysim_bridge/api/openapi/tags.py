"""The tags of the OpenAPI document: groups of its operations."""

SIMULATIONS, EVENTS, RESULTS, SWEEPS = "simulations", "events", "results", "sweeps"
TAGS = [
    {"name": SIMULATIONS, "description": "Create, find, read and cancel simulations."},
    {"name": EVENTS, "description": "Watch simulations and sweeps live, as server-sent events."},
    {"name": RESULTS, "description": "Fetch results and pictures of them. Positive current discharges."},
    {"name": SWEEPS, "description": "Create, find, read and delete sweeps, and fetch their tables."},
]
