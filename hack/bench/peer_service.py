"""A small service that does what the original one did: build the model for each request, solve, answer.

Threads take requests as Flask's server did; PyBaMM is today's. It listens on this machine only.

python -m bench.peer_service PORT
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pybamm

from batterysim_data import data_file

POINTS = 100
US06_POINTS = 601
MESH = {"x_n": 30, "x_s": 30, "x_p": 30, "r_n": 10, "r_p": 10}


def simulate_cell(form: dict[str, float]) -> pybamm.Solution:
    """Discharge a cell at a constant current."""
    parameters = _parameters(form)
    parameters["Current function [A]"] = form["controlCurrent"]
    simulation = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters)
    end = form["time"] * 3600
    return simulation.solve([0, end], t_interp=np.linspace(0, end, POINTS))


def simulate_drive_cycle(form: dict[str, float]) -> pybamm.Solution:
    """Drive a cell through US06."""
    parameters = _parameters(form)
    with data_file("drive_cycles", "US06.csv").open() as file:
        cycle = np.loadtxt(file, delimiter=",")
    parameters["Current function [A]"] = pybamm.Interpolant(cycle[:, 0], cycle[:, 1], pybamm.t)
    parameters["Upper voltage cut-off [V]"] += 1.0
    parameters["Lower voltage cut-off [V]"] -= 1.0
    simulation = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters, var_pts=MESH)
    return simulation.solve(cycle[:, 0], t_interp=np.linspace(0, cycle[-1, 0], US06_POINTS))


def points(solution: pybamm.Solution) -> list[dict[str, float]]:
    """Return the points as the Job Manager wants them."""
    columns = {
        "time": "Time [s]",
        "voltage": "Voltage [V]",
        "current": "Current [A]",
        "dcap": "Discharge capacity [A.h]",
    }
    values = {name: solution[column].entries.tolist() for name, column in columns.items()}
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _parameters(form: dict[str, float]) -> pybamm.ParameterValues:
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Nominal cell capacity [A.h]"] = form["nominalCell"]
    parameters["Upper voltage cut-off [V]"] = form["upperVoltage"]
    parameters["Lower voltage cut-off [V]"] = form["lowerVoltage"]
    return parameters


ROUTES = {"/cell/simulate": simulate_cell, "/drivecycle/simulate": simulate_drive_cycle}


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other of a connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Simulate what is asked for."""
        form: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = form.pop("simulationType", "cell")
        solution = ROUTES[self.path](form)
        document = {"jobStarted": True, "simulationType": kind, "simulationResults": points(solution)}
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Sixteen callers may connect at once; the library's five would see some of them rejected."""

    request_queue_size = 128


def main(port: int) -> None:
    """Serve until the process is ended."""
    server = Server(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
