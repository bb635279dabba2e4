"""An address that is good once and leads on, for a browser whose arguments others see."""

import http.client
import threading
from urllib.parse import urlsplit

from cognito_credproc.people.handover import handing_over

SECRET = "https://signin.example.com/federation?SigninToken=secret"


def fetched(url: str, **headers: str) -> tuple[int, str | None]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", parts.path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.getheader("Cache-Control") == "no-store"
    assert answer.getheader("Referrer-Policy") == "no-referrer"
    return answer.status, answer.getheader("Location")


def test_it_leads_on_once() -> None:
    with handing_over(SECRET) as handover:
        assert "secret" not in handover.url
        assert not handover.fetched(0)
        assert fetched(handover.url) == (303, SECRET)
        assert handover.fetched(5)
        assert fetched(handover.url) == (410, None)


def test_of_many_at_once_one_is_led_on() -> None:
    found: list[tuple[int, str | None]] = []
    with handing_over(SECRET) as handover:
        threads = [
            threading.Thread(target=lambda: found.append(fetched(handover.url))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(status for status, _ in found) == [303, *[410] * 7]


def test_others_are_turned_away() -> None:
    with handing_over(SECRET) as handover:
        host = urlsplit(handover.url).netloc
        assert fetched(f"http://{host}/") == (404, None)
        assert fetched(f"{handover.url}x") == (404, None)
        # A page elsewhere whose name was made to lead here (DNS rebinding).
        assert fetched(handover.url, Host="example.com") == (404, None)
        assert not handover.fetched(0)
        assert fetched(handover.url) == (303, SECRET)
