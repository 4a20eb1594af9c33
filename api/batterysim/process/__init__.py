"""The process that a component runs in: its settings, logs, worker processes and limits of depth."""
