from awards.admin import grants, honours, inspections, notices, objections, shortlists  # noqa: F401
