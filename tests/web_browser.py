"""A browser without a window: follows redirects one by one, keeps cookies, fills in forms."""

import http.client
import re
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pyotp

from tests.local_cognito import LocalCognito


class WebBrowser:
    """One person's browser. It stays where a redirect leads away from the service."""

    def __init__(self, cognito: LocalCognito) -> None:
        self._service = urlsplit(cognito.endpoint)
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.url = ""
        self.status = 0

    def goes(self, url: str, form: dict[str, str] | None = None) -> "WebBrowser":
        """Open a page, or post a form to it; follow what the service says."""
        while True:
            self.url = url
            parts = urlsplit(url)
            if parts.netloc != self._service.netloc:
                return self
            found, headers = self._request(parts.path + f"?{parts.query}", form)
            for cookie in SimpleCookie(headers.get("Set-Cookie", "")).values():
                self.cookies[cookie.key] = cookie.value
            self.page, form = found, None
            if "Location" not in headers:
                return self
            url = urljoin(url, headers["Location"])

    def fills_in(self, **fields: str) -> "WebBrowser":
        """Fill in the form that is shown, hidden fields included, and send it."""
        pattern = r"<input type='hidden' name='(\w+)' value='([^']*)'"
        hidden = {name: unescape(value) for name, value in re.findall(pattern, self.page)}
        return self.goes(self.url, {**hidden, **fields})

    def signs_in(self, url: str, name: str, password: str, seed: str = "") -> "WebBrowser":
        """Sign in with a password, and a code where there is a seed."""
        self.goes(url).fills_in(username=name, password=password)
        return self.fills_in(code=pyotp.TOTP(seed).now()) if seed else self

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def trouble(self) -> str:
        """What the page complains of."""
        found = re.search(r"<p(?: id='trouble')?>(.*?)</p>", self.page)
        return unescape(found[1]) if found else ""

    def _request(self, target: str, form: dict[str, str] | None) -> tuple[str, dict[str, str]]:
        connection = http.client.HTTPConnection(self._service.netloc, timeout=10)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        if form is None:
            connection.request("GET", target, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", target, urlencode(form), headers)
        reply = connection.getresponse()
        self.status = reply.status
        text = reply.read().decode()
        connection.close()
        return text, dict(reply.getheaders())
