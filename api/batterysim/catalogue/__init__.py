"""The offer, without importing PyBaMM: cells, drive cycles, model options, variables.

The facts are files of `batterysim_data`, generated from PyBaMM by `make generate`.
"""
