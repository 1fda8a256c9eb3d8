"""Positions as AWS's own examples have them: docs.aws.amazon.com/cli, "simulate-custom-policy", and published answers of the simulator."""

from __future__ import annotations

import json

import pytest

from labkit.cloud.identity.positions import statement_span

_STATEMENT = '{"Effect":"Allow","Action":"s3:*","Resource":"*"}'


def test_a_statement_that_is_no_list() -> None:
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
        '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )
    assert statement_span(text, 1) == ((1, 38), (1, 167))


def test_the_first_of_a_list() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [json.loads(_STATEMENT)]})
    assert statement_span(text, 1) == ((1, 41), (1, len(text) - 1))


def test_the_second_of_a_list_begins_behind_the_first() -> None:
    text = f'{{"Version":"2012-10-17","Statement":[{_STATEMENT},{_STATEMENT}]}}'
    first, second = statement_span(text, 1), statement_span(text, 2)
    assert first[0] == (1, 38)
    assert second[0] == first[1]


def test_lines_are_counted() -> None:
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow"\n    }\n  ]\n}'
    assert statement_span(text, 1) == ((3, 17), (6, 6))


def test_brackets_inside_texts_and_other_elements_do_not_matter() -> None:
    text = f'{{"Id":"a,]}}\\"","Version":"2012-10-17","Statement":[{_STATEMENT}]}}'
    (_, start), (_, end) = statement_span(text, 1)
    assert json.loads(text[start - 1 : end - 1]) == json.loads(_STATEMENT)


@pytest.mark.parametrize("text", ["{}", '{"Statement":[]}', '{"Version":"x"}'])
def test_a_statement_that_is_not_there(text: str) -> None:
    assert statement_span(text, 1) == ((1, 1), (1, 1))
