"""A whole selection driven from the offices' own paper, by the same services as the browser."""

from awards.rehearsal.run import rehearse

__all__ = ["rehearse"]
