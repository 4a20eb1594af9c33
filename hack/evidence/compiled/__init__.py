"""Whether compiled simulations equal PyBaMM's own: for each, random cells, states, protocols and limits.

`specs.py` draws them, `functions.py` compares the equations, `solutions.py` what the solver makes of them,
`__main__.py` is the campaign over all files.
"""
