"""Protocols other than experiments: prescribed currents and powers, voltages that are held, impedance."""
