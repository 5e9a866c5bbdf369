"""Run one transform over one file of the test project, with the relations decided as for real."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import libcst as cst

from codemods.crossings import discover, survey
from codemods.project import sources
from codemods.transforms import relations
from codemods.transforms.source import SourceFile


@dataclass
class Rewriter:
    """The project's folder, models and contexts; every call reads it with one more file."""

    root: object
    graph: object
    contexts: object

    def file(self, code, *, path="shop/extra.py", service="people", decided=None, others=None):
        others = {name: textwrap.dedent(told).lstrip("\n") for name, told in (others or {}).items()}
        text = textwrap.dedent(code).lstrip("\n")
        if decided is None:
            speculative = relations.with_service(self.graph, self.contexts, service)
            found = self.survey(speculative, path, {**others, path: text}).survey.crossings
            decided = relations.decide(self.graph, self.contexts, service, found)
        typed = self.survey(self.graph, path, {**others, path: text})
        types = typed.files[path]
        return SourceFile(
            path=path,
            text=text,
            context=self.contexts.of_path(path),
            service=service,
            graph=self.graph,
            contexts=self.contexts,
            types=types.types,
            crossings=tuple(
                c for c in typed.survey.crossings if c.path == path and c.target == service
            ),
            client_module="clients.people_client",
            client="people_client",
            relations=decided,
            guessed=types.guessed,
            written=typed.written,
            escaping=typed.escaping,
        )

    def survey(self, graph, path, overlay):
        digests = sources.digest_files(self.root, sources.walk(self.root, (".py",)))
        pages = sources.digest_files(self.root, sources.walk(self.root, discover.TEMPLATE_SUFFIXES))
        return survey.survey_typed(
            self.root, graph, self.contexts, digests, pages,
            wanted=lambda _crossings: {path}, overlay=overlay, processes=1,
        )  # fmt: skip

    def rewrite(self, transform, code, **options):
        """Return the text after the transform's changes; a second run must change nothing."""
        file = self.file(code, **options)
        text, proposal = rewritten(transform, file)
        again = self.file(text, **{"decided": file.relations, **options})
        assert rewritten(transform, again)[0] == text
        return text, proposal


def rewritten(transform, file):
    proposal = transform.propose(file)
    makes = {change.node: change.make for change in proposal.changes}
    assert len(makes) == len(proposal.changes)
    text = file.module.visit(_Replacer(makes)).code
    compile(text, file.path, "exec")
    return text, proposal


class _Replacer(cst.CSTTransformer):
    def __init__(self, makes):
        super().__init__()
        self.makes = makes

    def on_leave(self, original_node, updated_node):
        updated = super().on_leave(original_node, updated_node)
        make = self.makes.get(original_node)
        return updated if make is None else make(updated)
