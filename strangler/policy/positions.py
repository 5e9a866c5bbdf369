"""Where in a TOML file each key stands, so that a problem can name its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomlkit.items import AoT, InlineTable, Table

if TYPE_CHECKING:
    import tomlkit
    from tomlkit.container import Container
    from tomlkit.items import Item, Key

Location = tuple[str | int, ...]


class Positions:
    """The lines of the keys of one document, by location such as `("routes", "cart", "path")`."""

    def __init__(self, document: tomlkit.TOMLDocument) -> None:
        self._lines: dict[Location, int] = {(): 0}
        self._walk(document, (), 1)

    def line(self, location: Location) -> int:
        """Return the line of a location, or of the nearest thing around it; 0 for the file."""
        while location not in self._lines:
            location = location[:-1]
        return self._lines[location]

    def _walk(self, container: Container, prefix: Location, line: int) -> int:
        for key, item in container.body:
            if key is None:
                line += item.as_string().count("\n")
            else:
                line = self._item(key, item, prefix, line)
        return line

    def _item(self, key: Key, item: Item, prefix: Location, line: int) -> int:
        location = (*prefix, key.key)
        if isinstance(item, AoT):
            first = sum(1 for known in self._lines if known[:-1] == location)
            for index, table in enumerate(item.body, first):
                line = self._table(table, (*location, index), line)
            return line
        if isinstance(item, Table):
            if item.is_super_table():
                self._lines.setdefault(location, line)
                return self._walk(item.value, location, line)
            return self._table(item, location, line)
        line += item.trivia.indent.count("\n")
        self._lines[location] = line
        if isinstance(item, InlineTable):
            for inner in item.value:
                self._lines[(*location, inner)] = line
        return line + item.as_string().count("\n") + item.trivia.trail.count("\n")

    def _table(self, table: Table, location: Location, line: int) -> int:
        line += table.trivia.indent.count("\n")
        self._lines[location] = line
        return self._walk(table.value, location, line + table.trivia.trail.count("\n"))
