"""What all groups of commands have in common."""

from __future__ import annotations

import typer
from typer.core import TyperGroup


def group(purpose: str, example: str, cls: type[TyperGroup] = TyperGroup) -> typer.Typer:
    """A group of commands, with the sentence and the example of its help.

    Locals in a traceback would print secrets: pretty exceptions stay off.
    """
    made = typer.Typer(
        cls=cls,
        help=f"{purpose}\n\nExample: {example}",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(lambda: None)  # with a single command it is a group as well
    return made
