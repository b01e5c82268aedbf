"""The statements that find the pks of a page of incidents: the newest that fit, without looking at the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from argus_api.repositories.where import Where
from argus_http.pagination import Cursor

FIRST = "i.id, i.start_time"


@dataclass(frozen=True, slots=True)
class Order:
    """From where, and in which direction, the list goes on."""

    cursor: Cursor | None = None

    @property
    def back(self) -> bool:
        """Whether it goes to newer incidents."""
        return self.cursor is not None and self.cursor.back

    def __str__(self) -> str:
        return self.by("start_time", "id")

    def by(self, moment: str, pk: str) -> str:
        """Return the order by these columns."""
        direction = "ASC" if self.back else "DESC"
        return f"ORDER BY {moment} {direction}, {pk} {direction}"

    def after(self, where: Where) -> str:
        """Return the condition that leaves out what came before."""
        if self.cursor is None:
            return "true"
        where.values |= {"cursor_moment": self.cursor.moment, "cursor_pk": self.cursor.pk}
        return f"(i.start_time, i.id) {'>' if self.back else '<'} (:cursor_moment, :cursor_pk)"


def newest(where: Where, order: Order, columns: str = FIRST, limit: str = ":size") -> str:
    """Return the statement for the first incidents that fit, in this order; words are not asked for."""
    branches = _branches(where, order, columns, limit)
    if len(branches) == 1:
        return branches[0]
    if where.apart:
        return _apart(branches, order, limit)
    return f"SELECT * FROM ({' UNION ALL '.join(f'({branch})' for branch in branches)}) each {order} LIMIT {limit}"  # noqa: S608


def all_fitting(where: Where, order: Order) -> str:
    """Return the statement for the first incidents that fit, found by their words.

    What is materialized knows nothing of the order, so the planner cannot choose to walk along it.
    """
    found = f"SELECT {FIRST} FROM incidents i WHERE {order.after(where)} AND {where}"  # noqa: S608  built of constants, values are bound
    return f"WITH found AS MATERIALIZED ({found}) SELECT * FROM found {order} LIMIT :size"  # noqa: S608


def _branches(where: Where, order: Order, columns: str, limit: str) -> list[str]:
    after = order.after(where)
    return [_branch(where, order, f"{after} AND {condition}", columns, limit) for condition in where.alternatives()]


def _apart(branches: Sequence[str], order: Order, limit: str) -> str:
    """Return the statement for the first rows of all; planned together, one may send the others along the time."""
    each = ", ".join(f"each{number} AS MATERIALIZED ({branch})" for number, branch in enumerate(branches))
    together = " UNION ALL ".join(f"TABLE each{number}" for number in range(len(branches)))
    return f"WITH {each} SELECT * FROM ({together}) each {order} LIMIT {limit}"  # noqa: S608


def _branch(where: Where, order: Order, condition: str, columns: str, limit: str) -> str:
    asked = where.one_by_one()
    ordered = f"{order.by('i.start_time', 'i.id')} LIMIT {limit}"
    if asked is None:
        return f"SELECT {columns} FROM incidents i WHERE {condition} {ordered}"  # noqa: S608
    column, values = asked
    one = f"SELECT {columns} FROM incidents i WHERE {column} = asked.value AND {condition} {ordered}"  # noqa: S608
    return f"SELECT one.* FROM unnest({values}) asked (value) CROSS JOIN LATERAL ({one}) one {order} LIMIT {limit}"  # noqa: S608
