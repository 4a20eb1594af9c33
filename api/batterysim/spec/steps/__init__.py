"""The steps of an experiment: in words, structured, and as the plan that both mean."""
