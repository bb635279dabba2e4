"""A real browser without a window: Debian's Chromium, by the W3C WebDriver protocol."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.e2e.person import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED = ("chromium", "chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver, section "Elements"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def missing() -> list[str]:
    """The programs that are not installed here."""
    return [program for program in NEEDED if shutil.which(program) is None]


class Chromium:
    """One browser with one tab."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._base = driver
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        always = {"browserName": "chrome", "goog:chromeOptions": options}
        session = self._post("/session", capabilities={"alwaysMatch": always})
        self._base = f"{driver}/session/{session['sessionId']}"
        self._post("/timeouts", implicit=1_000 * PATIENCE)  # until a field is there

    def opens(self, url: str) -> None:
        """Open an address and wait until the page is there."""
        self._post("/url", url=url)

    def types(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._post(f"/element/{self._found(selector)}/value", text=text)

    def presses(self, selector: str) -> None:
        """Press a button; the page behind it may still be on its way."""
        self._post(f"/element/{self._found(selector)}/click")

    @property
    def url(self) -> str:
        """The address of the page that is shown."""
        address: str = self._call("GET", "/url")
        return address

    def sees(self, text: str) -> None:
        """Wait until the page shows something."""
        self._post("/element", using="xpath", value=f"//*[contains(text(), '{text}')]")

    def ends(self) -> None:
        """Close the browser."""
        self._call("DELETE", "")

    def _found(self, selector: str) -> str:
        element: str = self._post("/element", using="css selector", value=selector)[ELEMENT]
        return element

    def _post(self, path: str, **parameters: object) -> Any:
        return self._call("POST", path, parameters)

    def _call(self, method: str, path: str, parameters: dict[str, object] | None = None) -> Any:
        body = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(self._base + path, body, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as reply:  # noqa: S310
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """Start one; it ends with the block."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert driver.stdout
        deadline = time.monotonic() + PATIENCE
        for line in driver.stdout:
            if "was started successfully on port" in line:
                port = line.rstrip(".\n").rpartition(" ")[2]
                break
            assert time.monotonic() < deadline, "chromedriver does not start"
        browser = Chromium(f"http://127.0.0.1:{port}", folder / "chromium")
        try:
            yield browser
        finally:
            browser.ends()
    finally:
        driver.terminate()
        driver.communicate(timeout=PATIENCE)
