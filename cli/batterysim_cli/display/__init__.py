"""The display: tables, bars, plots."""
