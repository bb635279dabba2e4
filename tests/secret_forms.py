"""The ways in which a secret might be written into a file, a log or onto a wire."""

import base64
import html
import json
import urllib.parse


def written(secret: str) -> list[bytes]:
    """Plain, escaped for JSON, HTML, Python and URLs, in hexadecimal and in base64.

    In base64, all that is sure whatever stands before and behind it.
    """
    raw = secret.encode()
    shifted = [base64.b64encode(b"x" * lead + raw)[4 if lead else 0 : -4] for lead in range(3)]
    found = [
        raw,
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        repr(secret)[1:-1].encode(errors="backslashreplace"),
        repr(raw)[2:-1].encode(),
        html.escape(secret).encode(),
        urllib.parse.quote(secret, safe="").encode(),
        urllib.parse.quote_plus(secret).encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        base64.urlsafe_b64encode(raw).rstrip(b"="),
        *shifted,
    ]
    return [form for form in found if len(form) >= 4]
