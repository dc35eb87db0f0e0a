"""The lists of the shortlist and the inspections in the back room."""
