"""The OpenAPI document: what it says beyond what follows from the code."""
