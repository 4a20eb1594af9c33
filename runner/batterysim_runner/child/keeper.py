"""A copy of a run as it was a moment ago, which finishes with what it has when the run does not end in time.

Nothing gets a turn while the solver is at work, so a run whose time is up in the midst of a piece can only be
killed, and what it had before would be lost with it. A forked copy costs some milliseconds and, as long as it
waits, hardly any memory.
"""

import os
import signal

from batterysim_runner.child.messages import Sender


class Keeper:
    """Keeps one copy of this process, the newest.

    orders: gives a byte when the copy is to finish, and an end when it is not wanted any more.
    """

    def __init__(self, orders: int, sender: Sender) -> None:
        self._orders = orders
        self._sender = sender
        self._copy: int | None = None

    def keep(self) -> bool:
        """Keep a copy of this process in the place of the one before. Returns False, here and at once.

        In the copy it returns True, once the copy has been told to finish.
        """
        self.dismiss()
        self._copy = os.fork()
        if self._copy:
            self._sender.send(kept=self._copy)
            return False
        self._copy = None
        if not os.read(self._orders, 1):
            os._exit(0)
        return True

    def dismiss(self) -> None:
        """Let go of the copy."""
        if self._copy is not None:
            os.kill(self._copy, signal.SIGKILL)
            os.waitpid(self._copy, 0)
            self._copy = None
