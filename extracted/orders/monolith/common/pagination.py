"""Page and cursor pagination of the API's lists."""

from rest_framework.pagination import CursorPagination, PageNumberPagination


class PagePagination(PageNumberPagination):
    """Numbered pages: ?page=2&page_size=50, at most 200 a page."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 200


class NewestFirstCursorPagination(CursorPagination):
    """Cursor pages over a list that grows at its head; subclasses name the `ordering`."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 200
