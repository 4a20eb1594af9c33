"""The operator: watches BatterySimulations, runs one Job for each, completes their status, calls back."""
