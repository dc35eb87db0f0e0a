from datetime import datetime

from awards import todo_after
from portal.todo import Todo


def todos(hat, *, now: datetime) -> list[Todo]:
    return todo_after.todos(hat, now=now)
