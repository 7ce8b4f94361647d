"""`maild templates`: the words of letters, ours and the site's own."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated

import typer

from maild.app.ports import Rendered
from maild.cli.config_file import read_config
from maild.cli.exits import EX_DATAERR
from maild.cli.group import group
from maild.cli.letter_preview import of_ticket, open_page
from maild.cli.options import Json
from maild.cli.terminal import complain, print_json, say, table
from maild.config.faults import nearest
from maild.config.model import Config
from maild.errors import Permanent
from maild.templates.checking import check_own, missing_sentences
from maild.templates.examples import EXAMPLES
from maild.templates.facts import LETTERS
from maild.templates.languages import BUILT_IN, FALLBACK, WORDS
from maild.templates.meanings import ABOUT, meaning, variables
from maild.templates.own_files import Fault
from maild.templates.site import SiteTemplates, templates_of

templates = group(
    "Look at the words of letters, and change them: what there is, what may stand in it, how it looks.",
    "maild templates preview acknowledgement --language de",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The letter's name, such as acknowledgement.")]
Language = Annotated[str, typer.Option("--language", "-l", help="The language, such as de; else the desk's.")]

_KINDS = ((bool, "yes/no"), (int, "number"), (str, "text"), (dict, "group"), (list, "list"), (tuple, "list"))
_SHOWN = 60  # characters of an example
_LISTED = 5  # missing sentences that are named


@templates.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the letters: who gets each, when, and which files of your own speak for it.

    Example: maild templates list
    """
    config = read_config(ctx)
    words = templates_of(config.templates.folder, _no_log)
    own = sorted(words.files) if isinstance(words, SiteTemplates) else []
    rows = [
        {
            "letter": name,
            "to": about.to,
            "when": about.when,
            "own": [file for file in own if Path(file).name in (f"{name}.txt.j2", f"{name}.html.j2")],
        }
        for name, about in ABOUT.items()
    ]
    if as_json:
        for row in rows:
            print_json({**row, "languages": sorted(words.languages)})
        return
    table(
        ["letter", "to", "when", "your own"],
        [[row["letter"], row["to"], row["when"], ", ".join(row["own"]) or "-"] for row in rows],
    )
    say(f"in {', '.join(sorted(words.languages))}")


@templates.command("variables")
def variables_(name: Name, *, as_json: Json = False) -> None:
    """List what may stand in a letter: each variable, what sort it is, what it means, and an example.

    Those marked with * are always there; the others may be empty.

    Example: maild templates variables acknowledgement
    """
    _known(name)
    rows = [
        {
            "name": variable,
            "always": variable in LETTERS[name].required,
            "kind": kind_of(name, variable),
            "meaning": meaning(name, variable),
            "example": EXAMPLES[name].get(variable),
        }
        for variable in variables(name)
    ]
    if as_json:
        for row in rows:
            print_json(row)
        return
    shown = [
        [
            f"{row['name']}{'*' if row['always'] else ''}",
            row["kind"],
            row["meaning"],
            _short(row["example"]),
        ]
        for row in rows
    ]
    table(["variable", "kind", "meaning", "example"], shown)


@templates.command("preview")
def preview(
    ctx: typer.Context,
    name: Name,
    *,
    ticket: Annotated[int | None, typer.Option(help="Fill in what is known of this ticket.")] = None,
    language: Language = "",
    open_it: Annotated[bool, typer.Option("--open", help="Show the HTML in a web browser.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the HTML to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Show how a letter looks, with example facts or those of a ticket; nothing is sent.

    A letter of your own that cannot be filled is told with its line (exit 65), and the built-in one is shown.

    Example: maild templates preview resolution --ticket 42 --language de --open
    """
    _known(name)
    config = read_config(ctx)
    words = templates_of(config.templates.folder, _no_log)
    if language and language.partition("-")[0] not in words.languages:
        raise Permanent(f"there are no letters in {language}; there are {', '.join(sorted(words.languages))}")
    facts, spoken = (EXAMPLES[name], config.desk.language) if ticket is None else of_ticket(name, ticket, config)
    filled = words.render(name, language or spoken, facts)
    if html is not None:
        html.write_text(filled.html, encoding="utf-8")
    if as_json:
        print_json({"subject": filled.subject, "text": filled.text, "html": filled.html, "fault": filled.broken[1]})
    else:
        _show(filled)
    if open_it:
        say(open_page(name, filled.html))
    if filled.broken[1]:
        complain([f"{filled.broken[1]} (the built-in letter is shown)"])
        raise typer.Exit(EX_DATAERR)


@templates.command("check")
def check(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Try every letter and sentence of your own in every language, with example facts.

    Exits with 65 when one cannot be used: the built-in one is sent in its place. Sentences that a language lacks
    are said in English, and counted here.

    Example: maild templates check
    """
    config = read_config(ctx)
    faults, missing = faults_of(config), {}
    words = templates_of(config.templates.folder, _no_log)
    if isinstance(words, SiteTemplates):
        missing = dict(missing_sentences(words))
    if as_json:
        print_json({"ok": not faults, "faults": list(map(str, faults)), "missing": missing})
    else:
        complain(map(str, faults))
        for language, keys in missing.items():
            more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
            say(f"{language}: English is used for {', '.join(keys[:_LISTED])}{more}")
        if not isinstance(words, SiteTemplates):
            say("there are no letters of your own: [templates] folder names none")
        elif not faults:
            say(f"ok   {len(words.files)} own templates in {config.templates.folder}")
    if faults:
        raise typer.Exit(EX_DATAERR)


@templates.command("copy")
def copy(ctx: typer.Context, name: Name, *, language: Language = "") -> None:
    """Copy a built-in letter into your folder, to change it there.

    NAME may also be `layout`, or another part that letters share, or `words`, for all sentences of a language.
    Without --language it is for every language. Sentences of a new language begin as the English ones.

    Example: maild templates copy acknowledgement --language de
    """
    folder = read_config(ctx).templates.folder
    if folder is None:
        raise Permanent('there is no folder for letters of your own; add [templates] with folder = "templates"')
    if language and not (len(language) in (2, 3) and language.isalpha() and language.islower()):
        raise Permanent(f"{language!r} is no language; write two letters, such as de")
    if name == "words":
        if not language:
            raise Permanent("sentences are of a language; add --language")
        ours = BUILT_IN / language / WORDS
        sources = {WORDS: ours if ours.is_file() else BUILT_IN / FALLBACK / WORDS}
    else:
        sources = {path.name: path for path in sorted(BUILT_IN.glob(f"{glob.escape(name)}.*.j2"))}
        if not sources:
            _known(name)
    place = folder / language
    there = [each for each in sources if (place / each).exists()]
    if there:
        raise Permanent(f"{place / there[0]} is there already; take it away first")
    place.mkdir(exist_ok=True)
    for each, source in sources.items():
        (place / each).write_bytes(source.read_bytes())
        say(f"{place / each}")


def faults_of(config: Config) -> list[Fault]:
    """What is wrong with a site's own letters; [] when there are none."""
    words = templates_of(config.templates.folder, _no_log)
    return check_own(words) if isinstance(words, SiteTemplates) else []


def kind_of(letter: str, variable: str) -> str:
    """What sort of value a variable is, by its example: text, number, yes/no, list, or group with names of its own."""
    value = EXAMPLES[letter].get(variable, variable == "reply" or "")
    return next(word for kind, word in _KINDS if isinstance(value, kind))


def _known(name: str) -> None:
    if name not in LETTERS:
        near = nearest(name, LETTERS)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(LETTERS)}"
        raise Permanent(f"there is no letter {name!r}; {hint}")


def _short(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _show(letter: Rendered) -> None:
    say(f"Subject: {letter.subject}", style="bold")
    say()
    say(letter.text)


def _no_log(event: str, **facts: object) -> None:
    """Faults are told on the terminal, not in a log."""
