"""Partitions as a file brings them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.json_objects import UnreadableFile
from bookings.slurm.records import read_records

PARTITION = {"partition_name": "batch", "max_time": 60}
OFFERING = {
    "uuid": "1" * 32,
    "name": "Kratt",
    "customer_name": "Centre",
    "partitions": [PARTITION, {"partition_name": "gpu"}],
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (json.dumps([PARTITION]), [("", "batch")]),
        (json.dumps(PARTITION), [("", "batch")]),
        (json.dumps([OFFERING]), [("Kratt", "batch"), ("Kratt", "gpu")]),
        (
            json.dumps(OFFERING) + "\r\n\n" + json.dumps(PARTITION),
            [("Kratt", "batch"), ("Kratt", "gpu"), ("", "batch")],
        ),
        ("\ufeff" + json.dumps([PARTITION], indent=2), [("", "batch")]),
        (json.dumps([{**OFFERING, "partitions": None}]), []),
        ("[]", []),
    ],
)
def test_lists_and_lines_are_read(text: str, names: list[tuple[str, str]]) -> None:
    """Of partitions, of offerings as the API gives them, or of both."""
    assert [(each.offering, each.name) for each in read_records(text)] == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("[1,", "it is not JSON"),
        ('{"partition_name": "a"}\n{oops}', "line 2: it is not JSON"),
        ("[1]", "item 1: it is a number, not an object"),
        ("null", "item 1: it is null"),
        ('[{"name": "x"}]', "item 1: it has neither partition_name nor partitions"),
        ('[{"partitions": [], "name": "x"}]', "item 1: It has no usable uuid."),
        ('[{"uuid": "' + "1" * 32 + '", "partitions": ["x"]}]', "item 1: Field partitions.0"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, words: str) -> None:
    """One sentence with the line or the item."""
    with pytest.raises(UnreadableFile, match=words.replace("{", r"\{")):
        read_records(text)


@given(
    st.dictionaries(
        st.sampled_from(["max_time", "qos", "req_resv", "cpu_bind", "new_in_waldur"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers()),
    )
)
def test_a_record_comes_back_as_it_was(fields: dict[str, Any]) -> None:
    """Written and read again nothing is lost, not even what cannot be read or is not known."""
    item = {"partition_name": "batch", **fields}
    [first] = read_records(json.dumps([item]))
    [again] = read_records(json.dumps([first.as_item()]))

    assert again == first
    assert again.partition.unread == first.partition.unread
    assert again.partition.model_extra == first.partition.model_extra
