"""The papers of step ①, to sign and stamp: 推荐审批表 of a nomination, 推荐报告 of a recommender.

Composed here from rows; the templates are `nominations/documents/*.docx` and `templates/nominations/paper_*`.
The official forms are Chinese whoever prints them.
"""
