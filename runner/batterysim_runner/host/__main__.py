"""A shared runner's process: `python -m batterysim_runner.host`."""

import secrets
import signal
import time
from threading import Event, Thread

from batterysim_runner.child.memory import RESERVE_BYTES, container_limit_bytes
from batterysim_runner.host.attempts import Attempts
from batterysim_runner.host.client import BridgeAwayError, HostClient
from batterysim_runner.host.nursery import Nursery
from batterysim_runner.host.requests import Kind
from batterysim_runner.host.settings import HostSettings
from batterysim_runner.host.slot import Nurseries, Slot

BEAT_SECONDS = 2.0
OWN_BYTES = 400 << 20
"""What the host and its parents of children have in memory; the rest is shared out among the children."""

HAND_BACK_SECONDS = 5.0
"""Before the kubelet's patience ends, what is not finished is handed back, which takes a moment."""


def main() -> None:
    """Work until a SIGTERM, finish what can be finished in time, and hand the rest back."""
    settings = HostSettings.from_environment()
    client = HostClient(settings, secrets.token_hex(8))
    attempts, draining = Attempts(), Event()
    # The large one starts when something needs it.
    nurseries = Nurseries(compiled=Nursery(Kind.COMPILED), model=Nursery(Kind.MODEL))
    signal.signal(signal.SIGTERM, lambda *_: draining.set())
    signal.signal(signal.SIGINT, lambda *_: draining.set())
    memory = memory_bytes_each(container_limit_bytes(), settings.concurrency)
    slots = [Slot(client, nurseries, attempts, draining, memory) for _ in range(settings.concurrency)]
    threads = [Thread(target=slot.run, name=f"slot-{number}") for number, slot in enumerate(slots)]
    nurseries.compiled.warm_up()
    for thread in threads:
        thread.start()
    Thread(target=beat, args=(client, attempts), daemon=True, name="heartbeat").start()
    print(f"ready for {settings.concurrency} simulations of namespace {settings.namespace}", flush=True)
    draining.wait()
    wait_for_the_rest(threads, attempts, settings.drain_seconds)
    for nursery in nurseries:
        nursery.close()


def beat(client: HostClient, attempts: Attempts) -> None:
    """Tell the bridge again and again what this host is at."""
    while True:
        try:
            attempts.stop(client.beat(attempts.under_way()))
        except BridgeAwayError as error:
            print(f"not heard: {error}", flush=True)
        time.sleep(BEAT_SECONDS)


def wait_for_the_rest(threads: list[Thread], attempts: Attempts, drain_seconds: float) -> None:
    """Wait until all slots have ended, and hand back what takes too long."""
    until = time.monotonic() + drain_seconds - HAND_BACK_SECONDS
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    attempts.hand_back()
    for thread in threads:
        thread.join(HAND_BACK_SECONDS)


def memory_bytes_each(limit_bytes: int | None, concurrency: int) -> int | None:
    """Return what each child may have in memory, in a container of this limit; None: there is no limit.

    >>> memory_bytes_each(2 << 30, 2) >> 20
    800
    """
    if limit_bytes is None:
        return None
    return max((limit_bytes - OWN_BYTES - RESERVE_BYTES) // concurrency, RESERVE_BYTES)


if __name__ == "__main__":
    main()
