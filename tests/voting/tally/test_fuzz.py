"""Two thousand damaged files in every run; fifty thousand by `make test-faults`."""

import pytest

from tests.voting.tally.fuzz import try_files


def test_two_thousand_damaged_files_give_a_result_or_one_plain_line() -> None:
    counted, refused = try_files(20261121, 2_000)
    assert counted > 200
    assert refused > 200


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(10))
def test_fifty_thousand_damaged_files_give_a_result_or_one_plain_line(seed: int) -> None:
    assert sum(try_files(seed, 5_000)) == 5_000
