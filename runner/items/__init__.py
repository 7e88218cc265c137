"""What a map ranges over → its items, in order, each with its index and its key.

Every iteration begins anew and holds a bounded number of items. It knows neither how items are
performed nor when; an item-wise map, which follows another one, is not opened here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from runner.addresses import forbidden_in
from runner.expression import EvaluationError, Template, text_of
from runner.expression.lazies import Filtered, known_length, piece_size, pieces
from runner.expression.sources import Numbers, Rows
from runner.expression.values import Lazy, describe, let_pass, shortened, told
from runner.items.keys import RepeatedKey, described, scalar_key, unique
from runner.items.matrix import of_matrix
from runner.items.opaque import plain
from runner.items.source import ItemsError, Source, index_key
from runner.items.zipping import of_columns
from runner.records import Item
from runner.struct import replace, struct
from runner.workflow import Map, Matrix, Over, Zip

__all__ = ["Items", "ItemsError", "Look", "look", "open_items", "template_of"]

most_counted = 10_000
"""Elements that `look` reads of a source whose length is not known."""
most_counted_ahead = 1_000_000
"""Likewise `open_items`, where the length decides when enough has failed."""
MOST_ITEMS = 10_000_000_000
"""Items of one map."""
_brief = 0.005
"""Seconds that the keys of some items may take before there are items again."""
most_shown = 100
"""Keys that `look` gives."""
_most_looks = 200


class Items:
    """The items of a map. `total` is their number where it is known without reading them."""

    def __init__(self, source: Source, map: Map, values: Mapping[str, Any]) -> None:
        self.total = source.total
        self._source = source
        self._map = map
        self._values = values

    def __iter__(self) -> Iterator[Item | None]:
        """One by one; None after each long look at the source that found nothing."""
        own = self._map.key is not None
        chunks = self._keyed() if own else self._named()
        if self._source.distinct and not own:
            return (item for chunk in chunks for item in chunk or (None,))
        return self._unique(chunks, own)

    def _unique(self, chunks: Iterator[list[Item]], own: bool) -> Iterator[Item | None]:
        try:
            yield from unique(chunks, own=own)
        except RepeatedKey as error:
            raise ItemsError(described(error), "`{{ index }}` in the key tells items apart") from None

    def _named(self) -> Iterator[list[Item]]:
        name = self._source.name
        by_place = name is index_key
        for start, chunk in _chunks(self._source.values):
            yield [
                Item(index, name(index, value), value, by_place=by_place)
                for index, value in enumerate(chunk, start)
            ]

    def _keyed(self) -> Iterator[list[Item]]:
        size = 8
        for start, chunk in _chunks(self._source.values):
            done = 0
            if not chunk:
                yield []
            while done < len(chunk):
                began = time.perf_counter()
                items, fault = self._under_own_keys(start + done, chunk[done : done + size])
                quick = time.perf_counter() - began < _brief
                done += size
                size = min(2 * size, piece_size) if quick else max(1, size // 2)
                if items:
                    yield items
                if fault is not None:
                    raise fault

    def _under_own_keys(self, start: int, values: list[Any]) -> tuple[list[Item], ItemsError | None]:
        """Items with the keys that the file gives them, and what is wrong with the key of the next."""
        template, name = self._map.key, self._map.name
        assert template is not None
        each = [{name: value, "index": index} for index, value in enumerate(values, start)]
        items: list[Item] = []
        for value, key in zip(values, template.evaluate_each(self._values, each), strict=True):
            text = _own_key(start + len(items), key)
            if isinstance(text, ItemsError):
                return items, text
            items.append(Item(start + len(items), text, value))
        return items, None


def _chunks(values: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    """The values some at a time, each time with the index of the first; what was read counts."""
    start = 0
    try:
        for chunk in pieces(values):
            yield start, chunk
            start += len(chunk)
    except GeneratorExit:
        raise
    except BaseException as error:  # filters go through elements whose methods are the user's
        let_pass(error)
        raise _as_items_error(error) from None


def _as_items_error(error: BaseException) -> ItemsError:
    if isinstance(error, ItemsError):
        return error
    if isinstance(error, EvaluationError):
        return ItemsError(error.message, error.hint)
    return ItemsError(f"the items cannot be gone through: {told(error)}")


def _own_key(index: int, key: Any) -> str | ItemsError:
    if isinstance(key, EvaluationError):
        return ItemsError(f"the key of item {index}: {key.message}", key.hint)
    try:
        text = text_of(key)
    except EvaluationError as error:
        return ItemsError(f"the key of item {index}: {error.message}", error.hint)
    why = forbidden_in(text)
    if why:
        shown = f" ({shortened(text)!r})" if text else ""
        return ItemsError(
            f"the key of item {index} {why}{shown}",
            "`| slug` makes a name of any text" if text else "`{{ index }}` is never empty",
        )
    return text


def open_items(map: Map, values: Mapping[str, Any]) -> Items:
    """The items of a map; an `ItemsError` says what is wrong with its source."""
    try:
        source = _source(map, values)
        if source.total is None and _is_decided_by_total(map):
            source = replace(source, total=_counted(source, most_counted_ahead))
        return Items(source, map, values)
    except EvaluationError as error:
        raise ItemsError(error.message, error.hint) from None


@struct
class Look:
    """What a look at the beginning of a source tells: how many items there are, the first keys, and why
    they cannot be had as things stand."""

    total: int | None = None
    keys: tuple[str, ...] = ()
    wrong: str = ""


def look(map: Map, values: Mapping[str, Any]) -> Look:
    """What is known of the items of a map before a run; reads no more than the beginning of its source."""
    try:
        source = _source(map, values)
        begun = islice(Items(source, map, values), _most_looks)
        keys = tuple(islice((str(item.key) for item in begun if item is not None), most_shown))
        return Look(_counted(source, most_counted) if source.total is None else source.total, keys)
    except (EvaluationError, ItemsError) as error:
        return Look(wrong=error.message)


def _is_decided_by_total(map: Map) -> bool:
    """Whether a map ends early by how many items there are: a share of them, or what is left of them."""
    return map.fail_fast and (map.budget.percent is not None or map.quorum is not None)


def _counted(source: Source, most: int) -> int | None:
    found = 0
    for read, piece in enumerate(pieces(source.values)):
        if read * piece_size >= most:
            return None
        found += len(piece)
    return found


def template_of(items: Over | Matrix | Zip) -> Template:
    """What the items are made from."""
    match items:
        case Over(template=template):
            return template
        case Matrix(axes=axes):
            return axes
        case Zip(columns=columns):
            return columns


def _source(map: Map, values: Mapping[str, Any]) -> Source:
    source = _any_source(map, values)
    if source.total is not None and source.total > MOST_ITEMS:
        raise ItemsError(f"there are {source.total:,} items, and a map can have {MOST_ITEMS:,} at the most")
    return source


def _any_source(map: Map, values: Mapping[str, Any]) -> Source:
    match map.items:
        case Over(template=template):
            return _over(template, _evaluated(template, values))
        case Matrix() as matrix:
            return of_matrix(
                matrix, plain(_evaluated(matrix.axes, values), "`matrix` takes a mapping of lists")
            )
        case Zip(columns=template):
            return of_columns(plain(_evaluated(template, values), "`zip` takes a mapping of lists"))


def _evaluated(template: Template, values: Mapping[str, Any]) -> Any:
    lazy = template if template.lazy else Template(template.value, lazy=True)
    return lazy.evaluate(values)


# over ------------------------------------------------------------------------------------------------


def _over(template: Template, value: Any) -> Source:
    value = plain(value, "`over` takes a list or a mapping")
    if isinstance(value, dict):
        return _of_mapping(value)
    if isinstance(value, Numbers):
        return Source(value, value.known_length(), lambda index, number: str(number), distinct=True)
    if isinstance(value, Lazy):
        by_index = isinstance(value, Rows) or (isinstance(value, Filtered) and value.name == "batch")
        return Source(value, known_length(value), index_key if by_index else _scalar, distinct=by_index)
    if isinstance(value, list | tuple):
        return Source(value, len(value), _scalar)
    raise ItemsError(
        f"`over` takes a list or a mapping, and this is {describe(value)}", _advice(template, value)
    )


def _of_mapping(value: Mapping[str, Any]) -> Source:
    keys = list(value)
    return Source(list(value.values()), len(keys), lambda index, _: scalar_key(keys[index]), distinct=False)


def _scalar(index: int, value: Any) -> str | None:
    return scalar_key(value)


def _advice(template: Template, value: Any) -> str:
    source = template.value
    if isinstance(value, str):
        if isinstance(source, str) and not template.literal and source.strip() != source:
            return "space around {{ }} makes it text: leave only {{ … }}"
        if value.lstrip()[:1] in ("[", "{"):
            return "`| from_json` reads JSON text"
        return (
            "`.split()` cuts text; `lines('…')` reads a file"
            if not template.literal
            else "write a list: [a, b]"
        )
    if value is None:
        return "`| default([], true)` makes nothing of it"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"write `{{{{ range({value}) }}}}`" if template.literal else "`range(n)` counts"
    return ""
