"""A fixed project of two contexts, and its view file rewritten by one transform."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from codemods import transforms
from codemods.contract.constants import constants_of
from codemods.contract.functions import Functions
from codemods.contract.members import Sources
from codemods.crossings import discover
from codemods.crossings.survey import survey_typed
from codemods.project import contexts as contexts_file
from codemods.project import load, sources
from codemods.rewrite.apply import apply
from codemods.transforms import relations
from codemods.transforms.source import SourceFile

HERE = Path(__file__).parent
SERVICE = "users"
VIEWS = "shop/views.py"
PATHS = {
    "reference": "shop/models.py", "sever": "shop/models.py", "search": "shop/admin.py"
}  # fmt: skip  # of others: VIEWS


@dataclass(frozen=True)
class Result:
    """What became of a text: the new one, and each refusal as "line: reason"."""

    text: str
    refusals: tuple[str, ...]
    operations: tuple[str, ...]
    needs: frozenset[tuple[str, str]]


class Workbench:
    """Applies transforms to a text that stands in for the project's views."""

    def __init__(self, root):
        self.root = root
        self.digests = sources.digest_files(root, sources.walk(root, (".py",)))
        self.pages = sources.digest_files(root, sources.walk(root, discover.TEMPLATE_SUFFIXES))
        self.graph = load.load_graph(
            root,
            settings="config.settings",
            python=sources.find_interpreter(root, None),
            digests=self.digests,
            cache=None,
        )
        self.contexts = contexts_file.load(root / "contexts.toml", self.graph)
        served = [label for label in self.graph.models if self.contexts.of_label(label) == SERVICE]
        self.constants = frozenset(constants_of(self.graph, Sources(root), served))

    def source(self, text, path=VIEWS):
        typed = survey_typed(
            self.root,
            self.graph,
            self.contexts,
            self.digests,
            self.pages,
            wanted=lambda _crossings: {path},
            overlay={path: text},
            processes=1,
        )
        file = typed.files[path]
        candidates = relations.candidates(self.graph, self.contexts, SERVICE)
        return SourceFile(
            path,
            file.text,
            file.context,
            SERVICE,
            self.graph,
            self.contexts,
            file.types,
            tuple(c for c in typed.survey.crossings if c.path == path and c.target == SERVICE),
            "clients.users_client",
            "users_client",
            relations=dict.fromkeys(candidates, ""),
            guessed=file.guessed,
            written=typed.written,
            escaping=typed.escaping,
            definitions=typed.definitions,
            reads=typed.reads,
            constants=self.constants,
            functions=Functions(self.graph, self.contexts, Sources(self.root), SERVICE),
        )

    def rewrite(self, text, *names):
        file = self.source(text, PATHS.get(names[0], VIEWS))
        proposals = [transforms.transforms()[name].propose(file) for name in names]
        changes = [change for proposal in proposals for change in proposal.changes]
        applied = apply(file, changes)
        failed = applied.failed
        if failed:
            lost = {change for change, _ in failed}
            groups = {change.group for change in lost if change.group}
            changes = [c for c in changes if c not in lost and c.group not in groups]
            applied = apply(file, changes)
        refusals = [
            (file.span(refusal.node)[0], refusal.reason)
            for proposal in proposals
            for refusal in proposal.refusals
        ]
        refusals += [(file.span(change.node)[0], reason) for change, reason in failed]
        return Result(
            applied.text,
            tuple(f"{line}: {reason}" for line, reason in sorted(refusals)),
            tuple(sorted({o.name for change in changes for o in change.operations})),
            frozenset(need for change in changes for need in change.needs),
        )


@pytest.fixture(scope="session")
def workbench(tmp_path_factory):
    root = tmp_path_factory.mktemp("golden") / "project"
    shutil.copytree(HERE / "project", root)
    return Workbench(root)
