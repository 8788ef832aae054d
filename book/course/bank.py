r"""The question bank: those of the chapters and thirty more, for Canvas and Moodle.

    cd book && python -m course bank FOLDER

The thirty stand in `bank.toml`. The texts are turned from Markdown into HTML; formulas
stand there between `\(` and `\)`, which both systems hand to MathJax.
"""

import tomllib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from course.chapters import Answer, Chapter, Question, chapters

MORE = Path(__file__).with_suffix(".toml")
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
Bank = Sequence[tuple[Chapter, Sequence[Question]]]
MADE = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that two builds give the same bytes."""


# --- The questions ----------------------------------------------------------


def more() -> dict[str, Question]:
    """Return the thirty further questions, by the exercise that trains the same."""
    found = tomllib.loads(MORE.read_text(encoding="utf-8"))["question"]
    return {
        item["exercise"]: Question(
            item["exercise"].removeprefix("ex-"),
            item["text"],
            tuple(Answer(*answer) for answer in item["answers"]),
        )
        for item in found
    }


def bank() -> Bank:
    """Return the chapters, each with its questions."""
    further = more()
    return [
        (
            chapter,
            [
                *chapter.questions,
                *(further[label] for label in chapter.exercise if label in further),
            ],
        )
        for chapter in chapters()
    ]


# --- Markdown to HTML -------------------------------------------------------


def formula(
    _renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any
) -> str:
    """Write a formula as MathJax reads it."""
    return rf"\({escapeHtml(tokens[at].content)}\)"


def nothing(*_: object) -> str:
    """Leave out the two ends of a link: it leads nowhere outside of the book."""
    return ""


MARKDOWN = MarkdownIt("commonmark", {"typographer": True}).enable("smartquotes")
MARKDOWN.use(dollarmath_plugin, double_inline=True)
RULES: dict[str, Callable[..., str]] = {
    "math_inline": formula,
    "math_inline_double": formula,
    "math_block": formula,
    "link_open": nothing,
    "link_close": nothing,
}
for kind, rule in RULES.items():
    MARKDOWN.add_render_rule(kind, rule)


def to_html(text: str) -> str:
    """Return a text in Markdown as HTML."""
    return str(MARKDOWN.render(text)).strip()


# --- Moodle -----------------------------------------------------------------


def moodle(questions: Bank) -> bytes:
    """Return questions as Moodle XML, a category for each chapter."""
    quiz = Element("quiz")
    for chapter, asked in questions:
        category = SubElement(SubElement(quiz, "question", type="category"), "category")
        SubElement(category, "text").text = f"$course$/top/RMSprop/{chapter.title}"
        for question in asked:
            quiz.append(_moodle_question(question))
    return _xml(quiz)


def _moodle_question(question: Question) -> Element:
    item = Element("question", type="multichoice")
    SubElement(SubElement(item, "name"), "text").text = question.name
    _html(item, "questiontext", question.text)
    for name, value in {
        "defaultgrade": "1",
        "idnumber": question.name,
        "single": "true",
        "shuffleanswers": "true",
        "answernumbering": "abc",
    }.items():
        SubElement(item, name).text = value
    for answer in question.answers:
        fraction = "100" if answer.right else "0"
        offer = _html(item, "answer", answer.offer, fraction=fraction)
        _html(offer, "feedback", answer.reason)
    return item


def _html(parent: Element, name: str, text: str, **attributes: str) -> Element:
    part = SubElement(parent, name, attributes, format="html")
    SubElement(part, "text").text = to_html(text)
    return part


# --- Canvas -----------------------------------------------------------------


def canvas(questions: Bank) -> dict[str, bytes]:
    """Return the files of a QTI 1.2 package, a quiz for each chapter."""
    manifest = Element("manifest", identifier="rmsprop", xmlns=PACKAGE)
    about = SubElement(manifest, "metadata")
    SubElement(about, "schema").text = "IMS Content"
    SubElement(about, "schemaversion").text = "1.1.3"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    files = {}
    for chapter, asked in questions:
        name = f"{chapter.stem}/{chapter.stem}.xml"
        files[name] = _xml(_assessment(chapter, asked))
        resource = SubElement(
            resources, "resource", identifier=chapter.stem, type="imsqti_xmlv1p2"
        )
        SubElement(resource, "file", href=name)
    return {"imsmanifest.xml": _xml(manifest), **files}


def _assessment(chapter: Chapter, asked: Sequence[Question]) -> Element:
    root = Element("questestinterop", xmlns=QTI)
    title = f"RMSprop: {chapter.title}"
    assessment = SubElement(root, "assessment", ident=chapter.stem, title=title)
    section = SubElement(assessment, "section", ident="root_section")
    section.extend(map(_item, asked))
    return root


def _item(question: Question) -> Element:
    item = Element("item", ident=question.name, title=question.name)
    idents = [f"{question.name}-{letter}" for letter, _ in lettered(question)]
    metadata = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in {
        "question_type": "multiple_choice_question",
        "points_possible": "1",
        "original_answer_ids": ",".join(idents),
    }.items():
        field = SubElement(metadata, "qtimetadatafield")
        SubElement(field, "fieldlabel").text = label
        SubElement(field, "fieldentry").text = entry
    presentation = SubElement(item, "presentation")
    _material(presentation, question.text)
    response = SubElement(
        presentation, "response_lid", ident="response1", rcardinality="Single"
    )
    choice = SubElement(response, "render_choice", shuffle="Yes")
    for ident, answer in zip(idents, question.answers, strict=True):
        _material(SubElement(choice, "response_label", ident=ident), answer.offer)
    item.append(_marking(question, idents))
    for ident, answer in zip(idents, question.answers, strict=True):
        feedback = SubElement(item, "itemfeedback", ident=f"{ident}-says")
        _material(SubElement(feedback, "flow_mat"), answer.reason)
    return item


def _marking(question: Question, idents: Sequence[str]) -> Element:
    """Return what is shown after each answer, and which is worth the point."""
    marking = Element("resprocessing")
    SubElement(
        SubElement(marking, "outcomes"),
        "decvar",
        {"maxvalue": "100", "minvalue": "0", "varname": "SCORE", "vartype": "Decimal"},
    )
    for ident in idents:
        SubElement(
            _if_chosen(marking, ident, "Yes"),
            "displayfeedback",
            feedbacktype="Response",
            linkrefid=f"{ident}-says",
        )
    for ident, answer in zip(idents, question.answers, strict=True):
        if answer.right:
            condition = _if_chosen(marking, ident, "No")
            SubElement(condition, "setvar", action="Set", varname="SCORE").text = "100"
    return marking


def _if_chosen(marking: Element, ident: str, goes_on: str) -> Element:
    condition = SubElement(marking, "respcondition", {"continue": goes_on})
    chosen = SubElement(condition, "conditionvar")
    SubElement(chosen, "varequal", respident="response1").text = ident
    return condition


def _material(parent: Element, text: str) -> None:
    material = SubElement(parent, "material")
    SubElement(material, "mattext", texttype="text/html").text = to_html(text)


def lettered(question: Question) -> list[tuple[str, Answer]]:
    """Return the answers of a question with their letters."""
    return list(zip("abcdef", question.answers, strict=False))


# --- Files ------------------------------------------------------------------


def _xml(root: Element) -> bytes:
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def write_bank(folder: Path) -> None:
    """Write the bank into a folder, as `moodle.xml` and as `canvas.zip`."""
    folder.mkdir(parents=True, exist_ok=True)
    questions = bank()
    (folder / "moodle.xml").write_bytes(moodle(questions))
    with zipfile.ZipFile(folder / "canvas.zip", "w") as archive:
        for name, content in canvas(questions).items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
