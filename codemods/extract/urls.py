"""The URL modules of a service: its own addresses as they were, and the names of other pages."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from codemods.contract.layout import formatted
from codemods.extract import wiring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.extract.facts import PageElsewhere, RouteFact, ServiceFacts

ROOT = '''"""Root URLs of the {name} service: probes, then its addresses as the monolith had them.

What comes last is answered 404: addresses of other services, so that their names still have one.
"""
'''
ELSEWHERE = '''"""Names of pages that others answer, so that `reverse()` still gives their address.

A request for one has lost its way: it is answered 404.
"""
'''
LOST = '''
def elsewhere(request, *_args, **_kwargs):
    """Answer 404: another service has this page."""
    raise Http404(f"{request.path} is not a page of this service.")
'''


def render(facts: ServiceFacts) -> str:
    """Return the text of the glue's `urls.py`."""
    views = sorted({route.view.partition(":")[0] for route in facts.routes if route.view})
    kinds = {route.kind for route in facts.routes}
    kinds |= {above.kind for route in facts.routes for above in route.above}
    served = facts.owns_accounts or facts.provider
    lines = [
        ROOT.format(name=facts.name),
        f"from django.urls import {', '.join(sorted({'include', 'path', *kinds}))}",
        *(f"import {module}" for module in views),
        f"from {facts.package} import health, urls_elsewhere",
        f"from strangler.client import {'metrics, serving' if served else 'metrics'}",
        "",
        "urlpatterns = [",
        '    path("healthz", health.live, name="healthz"),',
        '    path("readyz", health.ready, name="readyz"),',
        *(f"    {entry}," for entry in wiring.routes(facts)),
        *_entries(facts.routes, 0),
        "    *urls_elsewhere.urlpatterns,",
        "]",
        "",
        *(f'{name} = "{view}"' for name, view in sorted(facts.handlers.items())),
    ]
    return formatted("\n".join(lines) + "\n")


def render_elsewhere(facts: ServiceFacts) -> str:
    """Return the text of the glue's `urls_elsewhere.py`."""
    kinds = {page.kind for page in facts.elsewhere}
    imported = {*kinds, *({"include"} if any(p.namespaces for p in facts.elsewhere) else ())}
    lines = [
        ELSEWHERE,
        "from django.http import Http404",
        *([f"from django.urls import {', '.join(sorted(imported))}"] if imported else []),
        LOST,
        "urlpatterns = [",
        *_pages(facts.elsewhere, ()),
        "]",
    ]
    return formatted("\n".join(lines) + "\n")


def _entries(routes: Iterable[RouteFact], depth: int) -> Iterator[str]:
    """Yield entries; those that stood in one include stand in one again."""
    for above, inside in groupby(routes, lambda route: route.above[depth : depth + 1]):
        if not above:
            yield from (
                f"{route.kind}({_text(route.kind, route.route)}, {_target(route)}),"
                for route in inside
            )
            continue
        entry = above[0]
        made = f"[{''.join(_entries(inside, depth + 1))}]"
        if entry.app_name:
            made = f'({made}, "{entry.app_name}")'
        named = f', namespace="{entry.namespace}"' if entry.namespace else ""
        yield f"{entry.kind}({_text(entry.kind, entry.route)}, include({made}{named})),"


def _target(route: RouteFact) -> str:
    if not route.include:
        named = f', name="{route.name}"' if route.name else ""
        return f"{route.view.replace(':', '.')}{named}"
    where = f'"{route.include}"'
    if route.app_name:
        where = f'({where}, "{route.app_name}")'
    return f"include({where}" + (f', namespace="{route.namespace}")' if route.namespace else ")")


def _text(kind: str, text: str) -> str:
    """Return a pattern as a literal; a regular expression as a raw one where that can be."""
    is_raw = kind == "re_path" and "\\" in text and '"' not in text and not text.endswith("\\")
    return f'r"{text}"' if is_raw else repr(text)


def _pages(pages: Iterable[PageElsewhere], inside: tuple[str, ...]) -> Iterator[str]:
    """Yield the entries of one namespace; those nested in it stand where their first page does."""
    pages = tuple(pages)
    done = set()
    for page in pages:
        if page.namespaces[: len(inside)] != inside:
            continue
        if page.namespaces == inside:
            yield f'{page.kind}({_text(page.kind, page.route)}, elsewhere, name="{page.name}"),'
            continue
        name = page.namespaces[len(inside)]
        if name not in done:
            done.add(name)
            within = "".join(_pages(pages, (*inside, name)))
            yield f'path("", include(([{within}], "{name}"))),'
