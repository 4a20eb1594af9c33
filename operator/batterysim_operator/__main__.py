"""Run the operator: `python -m batterysim_operator`."""

from batterysim.process.garbage import collection_put_off
from batterysim_kube.lean_client import leave_out_blocking_client

leave_out_blocking_client()
with collection_put_off():
    from batterysim_operator.program import main

if __name__ == "__main__":
    main()
