from nominations.services.moves import advance

__all__ = ["advance"]
