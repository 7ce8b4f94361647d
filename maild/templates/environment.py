"""Where letters are filled: a sandbox with the filters that they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MethodType
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from maild.templates.html import safe_html, text_to_html
from maild.templates.words import Words


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox: a site writes letters of its own, and facts are strangers'.

    Our own words and macros are let through at once: a notification calls two hundred, and each check costs 10 µs.
    """

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for switch in tree.find_all(nodes.ScopedEvalContextModifier):  # {% autoescape false %}
            raise TemplateSyntaxError(
                "autoescape cannot be changed: facts are strangers'", switch.lineno, name, filename
            )
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in (Words, TemplateModule) and not attribute.startswith("_") and hasattr(obj, attribute):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        is_words = type(obj) is Words or (type(obj) is MethodType and type(obj.__self__) is Words)
        if not is_words and type(obj) is not Macro:
            return super().call(context, obj, *args, **kwargs)
        for extra in ("_loop_vars", "_block_vars"):  # of jinja's, for functions that ask for the context
            kwargs.pop(extra, None)
        return obj(*args, **kwargs) if is_words else obj(context.eval_ctx, *args, **kwargs)


def make_environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    """An environment for the templates that the loader finds; letters whose name ends in .html are escaped."""
    environment = _Sandbox(
        loader=loader,
        undefined=StrictUndefined,  # a misspelt fact is an error, not a hole in the letter
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,  # letters are never read again
    )
    del environment.filters["safe"]  # what a stranger wrote would be HTML: `safe_html` cleans it
    environment.filters["text_to_html"] = text_to_html
    environment.filters["safe_html"] = lambda html: Markup(safe_html(html))  # noqa: S704 - just cleaned
    environment.filters["quoted"] = _quoted
    environment.filters["clock_rows"] = _clock_rows
    environment.filters["reference_line"] = _reference_line
    return environment


def _reference_line(reference: Mapping[str, str], say: Words) -> str:
    """One line for an order, a serial number or a product (see facts.py), in the words of a language."""
    name = say("reference.name", sort=say.word("sorts", reference["sort"]), key=reference["key"])
    says = say.word("fits", reference["fit"])
    if reference["details"]:
        says = say("reference.details", says=says, details=reference["details"])
    if reference["why"]:
        says = say("reference.why", says=says, why=reference["why"])
    return say("reference.line", name=name, says=says, directory=reference["directory"])


def _quoted(text: str) -> str:
    """The text as a quote in a plain mail (RFC 3676 §4.5)."""
    return "\n".join(f"> {line}" if line else ">" for line in text.rstrip("\n").split("\n"))


def _clock_rows(clocks: Sequence[Mapping[str, str]], say: Words) -> list[tuple[str, str]]:
    """Name and value of a table's row for each clock (see facts.py), in the words of a language."""
    rows = []
    for clock in clocks:
        standing, left = clock["standing"], clock.get("left", "")
        until = clock["due"] if standing != "paused" else clock.get("hold_reason", "") or say("clock.no_due")
        known = say.get(f"standings.{standing}")
        value = say(f"standings.{standing}", until=until) if known else f"{standing} {until}"
        if left:
            value = say("clock.and_over" if standing == "failed" else "clock.and_left", value=value, left=left)
        rows.append((say.word("clocks", clock["clock_label"]), value))
    return rows
