"""`argus token` refuses what cannot be before it asks the database."""

import pytest
from click.testing import CliRunner

from argus_cli.main import main


@pytest.mark.parametrize("days", ["99999999", "36501", "inf", "nan", "0", "-1"])
def test_a_token_lasts_a_hundred_years_at_most(days: str):
    result = CliRunner().invoke(main, ["token", "create", "demo", "--expires", days])

    assert result.exit_code == 2
    assert "0<x<=36500" in result.output
