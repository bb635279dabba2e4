"""TOTP: the vectors of the standard, the edges of steps, what people paste."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.answers import totp
from cognito_credproc.answers.totp import SeedError, code, matching_step, parsed_seed, step_at
from tests.fakes import NOW, SEED

RFC_SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "digits"),
    [  # RFC 6238, appendix B, SHA-1, the last six of eight digits
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_vectors_of_the_standard(now: int, digits: str) -> None:
    assert code(RFC_SEED, step_at(now)) == digits
    assert matching_step(RFC_SEED, digits, now) == now // 30


@pytest.mark.parametrize(("now", "step"), [(0, 0), (29.999, 0), (30, 1), (59.999, 1), (60.0, 2)])
def test_edges_of_steps(now: float, step: int) -> None:
    assert step_at(now) == step


@pytest.mark.parametrize(("away", "found"), [(-2, False), (-1, True), (0, True), (1, True)])
def test_one_step_either_side(away: int, found: bool) -> None:
    step = step_at(NOW) + away
    assert matching_step(SEED, code(SEED, step), NOW) == (step if found else None)
    assert matching_step(SEED, code(SEED, step_at(NOW) + 2), NOW) is None


@given(st.binary(min_size=14, max_size=64))
def test_seed_as_apps_show_it(key: bytes) -> None:
    seed = base64.b32encode(key).decode()
    bare = seed.rstrip("=")
    groups = " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))
    for form in (seed, bare, bare.lower(), groups, groups.replace(" ", "-"), f"\t{groups}\r\n"):
        assert parsed_seed(form) == bare


@pytest.mark.parametrize(
    "link",
    [
        f"otpauth://totp/AWS:istio?secret={SEED}&issuer=AWS",
        f"otpauth://totp/istio?secret={SEED.lower()}",
        f" otpauth://totp/istio?secret={SEED}&digits=6&period=30&algorithm=SHA1\n",
        f"otpauth://totp/A%20B:istio%40example.com?secret={SEED}&issuer=A%20B",
        f"OTPAUTH://totp/istio?secret={SEED}",
    ],
)
def test_link(link: str) -> None:
    assert parsed_seed(link) == SEED


def test_own_link_is_read_again() -> None:
    full, without_user, short = totp.entries(SEED, "istio@example.com%40", "two words")
    assert "".join(full.link) == (
        f"otpauth://totp/AWS%20two%20words:istio@example.com%2540?secret={SEED}"
        "&issuer=AWS%20two%20words"
    )
    assert "".join(without_user.link) == f"otpauth://totp/AWS%20two%20words?secret={SEED}"
    assert "".join(short.link) == f"otpauth://totp/two%20words?secret={SEED}"
    assert [entry.name for entry in (full, without_user, short)] == [
        "AWS two words",
        "AWS two words",
        "two words",
    ]
    assert all(parsed_seed("".join(entry.link)) == SEED for entry in (full, without_user, short))


def test_a_name_for_the_smallest_code_is_cut() -> None:
    *_, short = totp.entries(SEED, "istio@example.com", "a profile with a long name")
    assert short.name == "a profile with"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither"),
        (" - ", "neither"),
        ("123456", "neither"),
        ("JBSWY3DPEHPK3PXP!", "neither"),
        ("pässwörd", "neither"),
        ("JBSWY3DP", "neither"),
        (SEED[:49], "neither"),
        ("https://example.com", "neither"),
        ("otpauth://totp/istio", "neither"),
        ("otpauth://totp/istio?secret=", "neither"),
        (f"otpauth://totp/istio?secret={SEED}&period=soon", "neither"),
        (f"otpauth-migration://offline?data={SEED}", "neither"),
        (f"otpauth://hotp/istio?secret={SEED}&counter=1", "six-digit"),
        (f"otpauth://totp/istio?secret={SEED}&digits=8", "six-digit"),
        (f"otpauth://totp/istio?secret={SEED}&period=60", "six-digit"),
        (f"otpauth://totp/istio?secret={SEED}&algorithm=SHA256", "SHA-1"),
        (f"otpauth://totp/istio?secret={SEED}&encoder=steam", "six-digit"),
    ],
)
def test_seeds_that_are_refused(text: str, why: str) -> None:
    with pytest.raises(SeedError, match=why) as caught:
        parsed_seed(text)
    assert SEED not in str(caught.value)


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"otpauth://totp/{text}"))
def test_anything_pasted_is_a_seed_or_refused(text: str) -> None:
    try:
        seed = parsed_seed(text)
    except SeedError:
        return
    assert code(seed, 1).isdecimal()


def test_what_is_longer_than_any_key_is_no_seed() -> None:
    with pytest.raises(SeedError, match="longer than any key"):
        parsed_seed("A" * 100_000)
