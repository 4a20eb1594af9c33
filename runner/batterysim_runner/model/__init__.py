"""The equations of a cell as PyBaMM has them: mesh, variables, solver."""
