"""The papers of step ③ to sign by hand: 专家评分表, one sheet or many in one file.

Composed here from rows; the templates are `review/documents/scores.docx` and
`templates/review/offline_paper.html`.
The official form is Chinese whoever prints it.
"""
