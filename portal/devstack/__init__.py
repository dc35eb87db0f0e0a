"""The launcher behind `make run` and `make test`: environment, embedded engines, child processes.

Everything up to the installed environment is standard library only, and nothing here imports Django.
"""
