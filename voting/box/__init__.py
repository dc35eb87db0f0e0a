"""The ballot tier: a small WSGI entry of its own that takes ballots, and nothing else."""
