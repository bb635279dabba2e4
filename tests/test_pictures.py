"""README's pictures are what the golden screens are, and hold nothing that a host would strip."""

import re
from xml.etree import ElementTree

import pytest

from tests.golden import COLOURS, FOLDER, HOME
from tests.pictures import DRAWN, PICTURES, Picture, Style, at_home, drawn, runs

ROOT = DRAWN.parent.parent
SVG = "{http://www.w3.org/2000/svg}"


def name(picture: Picture) -> str:
    return picture.screen


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_a_picture_is_fresh(picture: Picture) -> None:
    kept = picture.file.read_bytes().replace(b"\r\n", b"\n")  # as git may have laid it on Windows
    assert kept == drawn(picture).encode(), "python -m tests.pictures draws it anew"


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_a_picture_stands_alone(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.file.read_text("utf-8"))  # noqa: S314 - our own
    elements = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert elements <= {"svg", "title", "desc", "g", "rect", "text", "path"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if "href" in name or name.startswith("on")}
    assert "url(" not in picture.file.read_text("utf-8")
    assert picture.file.stat().st_size < 20_000


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_all_the_words_can_be_copied_from_it(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.file.read_text("utf-8"))  # noqa: S314 - our own
    texts = [text for text in root.iter(f"{SVG}text") if "textLength" in text.attrib]
    shown = " ".join("".join(text.itertext()) for text in texts)
    screen = re.sub(r"\(the QR code: .*\)", "", (FOLDER / f"{picture.screen}.txt").read_text())
    assert shown.split() == at_home(screen).split()
    assert HOME not in shown, "a path of the tests is nobody's"
    rows = [int(text.attrib["y"]) for text in texts]
    assert rows == sorted(rows), "from the top to the bottom, as they are read"


def test_readme_shows_each_of_them() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"^!\[[^\]]+\]\(([^)]+)\)$", readme, re.MULTILINE)
    assert {ROOT / file for file in shown} == {picture.file for picture in PICTURES}
    assert set(DRAWN.iterdir()) == {picture.file for picture in PICTURES}


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_the_coloured_screen_is_the_plain_one(picture: Picture) -> None:
    coloured = FOLDER / f"{picture.screen}.ansi"
    assert re.sub(COLOURS, "", coloured.read_text("utf-8")) == (
        (FOLDER / f"{picture.screen}.txt").read_text("utf-8")
    )


def test_colours_end_where_they_end() -> None:
    pieces = list(runs("\x1b[1;31ma\x1b[0m  b\n \x1b[2m-\x1b[m c"))
    assert [(run.row, run.column, run.text, run.style) for run in pieces] == [
        (0, 0, "a", Style(ink=31, bold=True)),
        (0, 3, "b", Style()),
        (1, 1, "-", Style(dim=True)),
        (1, 3, "c", Style()),
    ]
