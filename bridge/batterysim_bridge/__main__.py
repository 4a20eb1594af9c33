"""Run the bridge: `python -m batterysim_bridge`."""

from batterysim.process.garbage import collection_put_off
from batterysim_kube.lean_client import leave_out_blocking_client

leave_out_blocking_client()
with collection_put_off():
    from batterysim_bridge.program import main

if __name__ == "__main__":
    main()
