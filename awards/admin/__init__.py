from awards.admin import after, shortlists  # noqa: F401
