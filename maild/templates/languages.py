"""Which languages there are letters in; reads no file, for the configuration asks before anything else runs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

BUILT_IN = Path(__file__).parent / "letters"
FALLBACK = "en"
WORDS = "words.toml"


def written_in(folder: Path | None) -> frozenset[str]:
    """The languages of the built-in letters, and those for which a site's own folder has sentences or letters."""
    found = {path.name for path in BUILT_IN.iterdir() if _speaks(path)}
    with suppress(OSError):  # it is not there, or may not be read: whoever reads the letters tells of it
        found |= {path.name for path in folder.iterdir() if _speaks(path)} if folder else set()
    return frozenset(found)


def _speaks(path: Path) -> bool:
    return path.name.isalpha() and path.is_dir() and (any(path.glob("*.j2")) or (path / WORDS).is_file())
