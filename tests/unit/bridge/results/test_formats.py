import pytest

from batterysim.result_format import ResultFormat
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.results.formats import choose_format


@pytest.mark.parametrize(
    ("query", "accept", "chosen"),
    [
        (None, None, ResultFormat.PARQUET),
        (None, "*/*", ResultFormat.PARQUET),
        (None, "text/html, */*;q=0.8", ResultFormat.PARQUET),
        (None, "text/*", ResultFormat.CSV),
        (None, "text/csv;q=0.5, application/json", ResultFormat.JSON),
        (None, "Application/JSON;q=0.2, text/csv; q=0.9", ResultFormat.CSV),
        ("jobManager", "text/csv", ResultFormat.JOB_MANAGER),
    ],
)
def test_the_most_wanted_format_is_chosen(query, accept, chosen):
    assert choose_format(query, accept) is chosen


@pytest.mark.parametrize(("query", "accept"), [("xlsx", None), (None, "image/png"), (None, "text/csv;q=0")])
def test_a_format_that_is_not_offered_is_refused(query, accept):
    with pytest.raises(ProblemError, match="not-acceptable"):
        choose_format(query, accept)
