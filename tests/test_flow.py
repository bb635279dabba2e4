"""Flows and how they are driven."""

import pytest

from cognito_credproc.flows.flow import Ask, Call, Field, Flow, Item, Store, ask, call, member, run
from cognito_credproc.values.errors import CredprocError, UnreachableError


def test_each_step_gets_its_answer_and_the_flow_its_result() -> None:
    def flow() -> Flow[str]:
        password = yield from ask(Field.PASSWORD, "again", "detail")
        answer = yield from call("sts", "GetCallerIdentity", {"said": password})
        nothing = yield Store(Item.PASSWORD, password)
        assert nothing is None
        return f"{password} {answer['Account']}"

    steps: list[object] = []
    replies: list[object] = ["secret", {"Account": "1"}, None]

    def perform(step: object) -> object:
        steps.append(step)
        return replies.pop(0)

    assert run(flow(), perform) == "secret 1"
    assert steps == [
        Ask(Field.PASSWORD, "again", "detail"),
        Call("sts", "GetCallerIdentity", {"said": "secret"}),
        Store(Item.PASSWORD, "secret"),
    ]


def test_our_errors_go_into_the_flow_and_may_be_survived() -> None:
    def flow() -> Flow[str]:
        try:
            yield from ask(Field.PASSWORD)
        except CredprocError as error:
            second: str = yield from ask(Field.PASSWORD, error.message)
            return second
        return "never"

    def perform(step: object) -> str:
        if step == Ask(Field.PASSWORD):
            raise CredprocError("no")
        assert step == Ask(Field.PASSWORD, "no")
        return "yes"

    assert run(flow(), perform) == "yes"


def test_other_errors_do_not_go_into_the_flow() -> None:
    def flow() -> Flow[None]:
        try:
            yield from ask(Field.PASSWORD)
        except ZeroDivisionError:
            pytest.fail("this is nothing that a flow could know about")

    with pytest.raises(ZeroDivisionError):
        run(flow(), lambda _step: 1 / 0)


def test_a_flow_may_end_at_once() -> None:
    def flow() -> Flow[int]:
        return 7
        yield

    assert run(flow(), lambda _step: pytest.fail("no step was taken")) == 7


def test_a_missing_member_is_not_cognitos_answer() -> None:
    assert member({"Session": "s"}, "Session") == "s"
    with pytest.raises(UnreachableError, match="holds no IdentityId: it is not from cognito"):
        member({"ResponseMetadata": {}}, "IdentityId")


def test_secrets_have_no_repr() -> None:
    steps = [Store(Item.PASSWORD, "s3cret"), Call("cognito-idp", "SignUp", {"Password": "s3cret"})]
    assert "s3cret" not in repr(steps)
