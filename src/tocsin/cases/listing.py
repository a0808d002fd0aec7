"""A long list in pages: how many there are is counted so far only, and what a row carries is read for one page."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property

MOST = 10_000  # counted; nobody turns so many pages: a filter finds what lies beyond


class Pages(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Pages of the rows of a query. Beyond `MOST` rows there are no pages, and `total` says that there are more.

    `in_order`: an index has exactly these rows in their order, so they are counted along it.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, in_order: bool = False) -> None:
        super().__init__(rows, per_page)
        self.rows, self.in_order = rows, in_order

    @cached_property
    def _counted(self) -> int:
        rows = self.rows
        return int((rows if self.in_order else rows.order_by()).values("pk")[: MOST + 1].count())

    @cached_property
    def count(self) -> int:
        """How many rows have a page."""
        return min(self._counted, MOST)

    @property
    def more(self) -> bool:
        """Whether there are rows without a page."""
        return self._counted > MOST

    @property
    def total(self) -> str:
        """The number in the reader's form: "10,000+" where there are more."""
        return number_format(self.count, use_l10n=True, force_grouping=True) + ("+" if self.more else "")

    def page(self, number: int | str) -> Any:
        """A page. Its rows are chosen first, by the index alone: what each carries is read for these only."""
        at = self.validate_number(number)
        rows = self.rows
        start, end = (at - 1) * self.per_page, min(at * self.per_page, self.count)
        ids = list(rows.values_list("pk", flat=True)[start:end]) if end > start else []
        return Page(rows.filter(pk__in=ids) if ids else rows.none(), at, self)
