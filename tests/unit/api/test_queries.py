"""A query about incidents becomes conditions whose values are bound, never part of the statement."""

from datetime import UTC

import pytest

from argus_api.queries import narrow
from argus_api.repositories.where import Where
from argus_http.errors import ApiError
from argus_schemas.configuration import Filter
from tests.builders import NOON


def conditions(query, **options):
    where = Where(NOON)
    narrow(where, query, UTC, **options)
    return where


def test_no_query_asks_for_everything():
    assert str(conditions({})) == "true"
    assert str(conditions({"unknown": "x", "open": "", "acked": "perhaps"})) == "true"


def test_values_are_bound():
    evil = "'; DROP TABLE incidents; --"
    where = conditions({"tags": f"a={evil}", "search": f'"{evil}"', "source_incident_id": evil})
    assert "DROP" not in str(where)
    assert evil in where.values.values()
    assert evil in where.values.values()
    assert f"%{evil}%" in where.values.values()


def test_signs_of_patterns_are_taken_as_they_are():
    assert "%100\\%%" in conditions({"search": "100%"}).values.values()
    assert "%a\\_b%" in conditions({"search": "a_b"}).values.values()


def test_mine_knows_fewer_parameters():
    assert str(conditions({"level__lte": "1", "search": "x", "id__in": "x"}, mine=True)) == "true"


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ApiError) as refused:
        conditions({"level__lte": "x", "duration__gte": "nan", "id__in": "1,x", "end_time__gte": "soon", "tags": "X=1"})
    assert refused.value.status == 400
    assert refused.value.body.keys() == {"level__lte", "duration__gte", "id__in", "end_time__gte", "tags"}


@pytest.mark.parametrize("filter_", [Filter(), Filter(tags=("novalue",))])
def test_a_filter_that_can_match_nothing_finds_nothing(filter_):
    where = Where(NOON)
    where.fits(filter_)
    assert "false" in str(where)


def test_several_filters_are_a_union_of_which_each_binds_its_own_values():
    where = Where(NOON)
    where.fits_any([Filter(maxlevel=1), Filter(maxlevel=2, open=True)])
    assert (str(where).count("i.level"), str(where).count(") OR (((")) == (2, 1)
    assert [value for value in where.values.values() if isinstance(value, list)] == [[1], [1, 2]]
    empty = Where(NOON)
    empty.fits_any([])
    assert str(empty) == "(false)"


def test_many_filters_with_few_tags_each_look_no_tags_up_row_by_row():
    """With 300,000 incidents and twenty such filters, that took 8 seconds instead of a fifth of one."""
    where = Where(NOON)
    where.fits_any([Filter(tags=(f"a={number}", "b=1", "c=1")) for number in range(20)])
    assert "count(" not in str(where)
    where.fits(Filter(tags=tuple(f"k{number}=1" for number in range(40))))
    assert str(where).count("count(") == 1
