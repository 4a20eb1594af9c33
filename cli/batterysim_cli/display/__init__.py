"""What people see: tables, bars, plots."""
