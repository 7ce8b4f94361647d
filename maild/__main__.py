"""Starts maild: `maild` and `python -m maild`."""

from __future__ import annotations

from maild.cli.main import app


def main() -> None:
    """Run the command line; ends with the command's exit code."""
    app(prog_name="maild")


if __name__ == "__main__":
    main()
