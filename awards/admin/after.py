"""The lists of what comes after: notices, objections, honours, grants."""
