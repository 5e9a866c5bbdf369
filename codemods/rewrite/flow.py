"""The whole rewrite of one service's seam, from a survey to the bytes of every file it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.contract.constants import constants_of
from codemods.contract.functions import Functions
from codemods.contract.members import Sources
from codemods.crossings.reader import decode
from codemods.crossings.rounds import Readers
from codemods.rewrite import calls, generated, outcome, texts
from codemods.rewrite.diverting import Decided, Diverting
from codemods.rewrite.exports import Exports
from codemods.rewrite.follow_ups import FollowUp, follow_ups
from codemods.rewrite.formatting import Formatting
from codemods.rewrite.plan import Candidate, Plan, Rules, plan
from codemods.rewrite.severing import Severing, severings
from codemods.transforms import key as by_key
from codemods.transforms import prefetch, relations
from codemods.transforms.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codemods.contract.build import Built
    from codemods.contract.operations import Contract
    from codemods.contract.place import Place
    from codemods.crossings.crossing import Crossing
    from codemods.crossings.survey import Typed
    from codemods.rewrite.monolith import Monolith
    from codemods.rewrite.outcome import Outcome
    from codemods.transforms import Transform
    from codemods.transforms.change import Change

REFERENCE = "reference"
MAX_TURNS = 5
COPIED = "its side holds a copy of the rows, which it leads to"
Relation = tuple[str, str]
Parsed = tuple[SourceFile, str]


@dataclass(frozen=True)
class Request:
    """What is asked for: a service, which transforms, which files, and who chooses.

    `is_within` tells whether a file may change. `choose` is asked of each change, or group of
    changes, that would be made. `sever` are relations that become plain id columns, such as
    "orders.Order.user"; with `sever_all` all do that can, whatever still needs their foreign key
    or is done with their rows.
    """

    service: str
    transforms: Mapping[str, Transform]
    is_within: Callable[[str], bool] = lambda _path: True
    choose: Callable[[Candidate, Sequence[Change]], bool] | None = None
    sever: frozenset[str] = frozenset()
    sever_all: bool = False


@dataclass(frozen=True)
class Edit:
    """One file: its bytes before, None when it is new, and after."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True)
class Rewrite:
    """What a rewrite comes to. `edits` are only files that differ, sorted by path.

    `before` are the crossings of the project as it is, `crossings` those of it as it will be,
    without those of files that are `unread`; `outcomes` tell of the seam. `problems` are (path,
    what) of anything that did not go well.
    """

    service: str
    place: Place
    edits: tuple[Edit, ...]
    outcomes: tuple[Outcome, ...]
    contract: Contract
    follow_ups: tuple[FollowUp, ...]
    before: tuple[Crossing, ...]
    crossings: tuple[Crossing, ...]
    problems: tuple[tuple[str, str], ...]
    unread: frozenset[str]
    severings: tuple[Severing, ...] = ()


def rewrite(monolith: Monolith, request: Request) -> Rewrite:
    """Find the seam, change what is safe, generate the client, and survey what is left."""
    with Readers(monolith.root) as readers:
        return _Rewriting(replace(monolith, readers=readers), request).run()


class _Rewriting:
    """The steps of one rewrite, over what it read first."""

    def __init__(self, monolith: Monolith, request: Request) -> None:
        self.monolith = monolith
        self.request = request
        self.graph = monolith.graph
        self.service = request.service
        self.place = generated.place_of(self.graph, monolith.contexts, self.service, monolith.text)
        self.client = calls.client_of(self.place)
        self.existing = generated.existing(
            monolith.raw(self.place.contract_path), self.place.contract_path
        )
        self.graph = relations.with_carried(self.graph, generated.carried(self.existing))
        served = [m for m in self.graph.models if monolith.contexts.of_label(m) == self.service]
        sources = Sources(monolith.root)
        self.constants = frozenset(constants_of(self.graph, sources, served))
        self.functions = Functions(self.graph, monolith.contexts, sources, self.service)
        self.problems: list[tuple[str, str]] = []

    def run(self) -> Rewrite:
        before = self.monolith.survey(self.graph, self._wanted)
        self.problems += before.survey.problems
        seam = self._seam(before.survey.crossings)
        planned, candidates, decided = self._planned(before, seam)
        files = {candidate.file.path: candidate.file for candidate in candidates}
        after, built, texts_after = self._surveyed(before, planned, decided)
        left = self._seam(after.survey.crossings)
        severed, texts_severed = severings(
            self.monolith, self.place, decided, texts_after, self.request.sever,
            after, whatever=self.request.sever_all,
        )  # fmt: skip
        contexts = self.monolith.contexts
        return Rewrite(
            service=self.service,
            place=self.place,
            edits=self._edits({**texts_after, **texts_severed}),
            outcomes=outcome.outcomes(seam, left, files, planned, self._relations(decided)),
            contract=built.contract,
            follow_ups=follow_ups(
                self.graph,
                contexts,
                self.service,
                left,
                built.warnings,
                {
                    key
                    for key in decided
                    for one in severed
                    if one.is_severed and one.relation == ".".join(key)
                },
            ),
            before=tuple(before.survey.crossings),
            crossings=tuple(after.survey.crossings),
            problems=tuple(dict.fromkeys(self.problems)),
            unread=frozenset(path for path, _ in after.survey.problems),
            severings=severed,
        )

    def _relations(self, decided: Mapping[Relation, str]) -> outcome.Relations:
        kept: dict[str, list[tuple[str, str, str]]] = {}
        for (label, name), reason in sorted(decided.items()):
            target = self.graph.models[label].fields[name].target
            if reason and target:
                kept.setdefault(target, []).append((name, label, reason))
        return outcome.Relations(self.client, {key: tuple(found) for key, found in kept.items()})

    def _seam(self, crossings: Iterable[Crossing]) -> list[Crossing]:
        return sorted(c for c in crossings if c.target == self.service)

    def _wanted(self, crossings: Iterable[Crossing]) -> set[str]:
        """Return the files that may change: those that cross, and those that declare a relation."""
        found = {crossing.path for crossing in self._seam(crossings)}
        graph = self.graph
        for label, name in relations.candidates(graph, self.monolith.contexts, self.service):
            declared = graph.models[label].fields[name].declared_in or graph.models[label].name
            module = graph.modules.get(declared.partition(":")[0])
            if module is not None:
                found.add(module.path)
        found |= self._that_call()
        return self._own_that_load(crossings) | {
            path
            for path in found
            if path.endswith(".py")
            and not calls.is_generated(self.place, path)
            and self.monolith.contexts.of_path(path) != self.service
        }

    def _that_call(self) -> set[str]:
        """Return the files that have functions of the service at hand: calls may be no crossing."""
        return {
            module.path
            for module in self.graph.modules.values()
            if any(
                kind in {"function", "class", "module"} and self.functions.is_served(own)
                for kind, own in module.names.values()
            )
        }

    def _own_that_load(self, crossings: Iterable[Crossing]) -> set[str]:
        """Return the service's own files that load rows ahead: they stay, but may be in the way."""
        return {
            crossing.path
            for crossing in crossings
            if crossing.source == self.service
            and crossing.kind == "prefetch"
            and crossing.path.endswith(".py")
            and self.monolith.contexts.of_path(crossing.path) == self.service
        }

    def _planned(
        self, before: Typed, seam: list[Crossing]
    ) -> tuple[Plan, list[Candidate], dict[Relation, str]]:
        """Let the transforms propose, until the relations they count on are those diverted."""
        parsed = self._files(before, seam)
        files = [(file, module) for file, module in parsed if file.context != self.service]
        found = self._decided(parsed, files)
        decided, trusted = found.relations, found.trusted
        rules = self._rules()
        for _ in range(MAX_TURNS):
            for file, _module in files:
                file.trusted, file.distrusted = trusted, found.refused
            candidates = [self._candidate(file, module, decided) for file, module in files]
            planned = plan(candidates, rules)
            undone = self._undone(planned, candidates, decided)
            if not undone:
                break
            decided |= undone
            trusted = frozenset()  # what is done with values was seen as if those were diverted
        return planned, candidates, decided

    def _decided(self, parsed: Sequence[Parsed], files: Sequence[Parsed]) -> Decided:
        """Decide which relations are diverted, and which queries are asked of the client.

        Where all are to be severed, what is done with their rows decides nothing: they end either
        way, and what cannot be done with a value is found when the outcome is surveyed. Those whose
        side will hold a copy of the rows stay as they are.
        """
        hoped = self._writable()
        for file, _ in parsed:
            file.relations = hoped
        carried = {each for file, _ in parsed for each in prefetch.carried(file)}
        self.graph = relations.with_carried(self.graph, carried)
        for file, _ in parsed:
            file.graph = self.graph
        found = Diverting(
            self.graph,
            self.monolith.contexts,
            self.service,
            lambda graph, supposed: (
                self.monolith.survey(graph, step="relations: ", supposed=supposed).survey.crossings
            ),
            self._asking,
        ).decided([file for file, _ in parsed], files, diverts=REFERENCE in self.request.transforms)
        if not self.request.sever_all:
            return found
        return replace(found, relations=hoped, given={})

    def _writable(self) -> dict[Relation, str]:
        """Say of each relation why it cannot be diverted, whatever is done with its rows."""
        graph, contexts = self.graph, self.monolith.contexts
        found = relations.decide(graph, contexts, self.service, ())
        if not self.request.sever_all:
            return found
        return {
            key: COPIED
            if not reason
            and relations.leads_to_copy(graph, contexts, key)
            and graph.models[key[0]].fields[key[1]].target != graph.auth_user_model
            and not graph.models[key[0]].fields[key[1]].service
            else reason
            for key, reason in found.items()
        }

    def _asking(
        self, file: SourceFile, module: str, decided: Mapping[Relation, str]
    ) -> list[Change]:
        """Return the changes of a file that do without an instance: by the service, or a key."""
        proposals = self._candidate(file, module, decided).proposals
        changes = [change for found in proposals for change in found.changes]
        return [
            change for change in changes if change.operations or change.transform == by_key.NAME
        ]

    def _files(self, before: Typed, seam: list[Crossing]) -> list[Parsed]:
        """Return the files that may change, parsed; what cannot be parsed is a problem."""
        found = []
        spanning = self._spanning(seam)
        for path, typed in sorted(before.files.items()):
            try:
                file = SourceFile(
                    path=path, text=typed.text, context=typed.context, service=self.service,
                    graph=self.graph, contexts=self.monolith.contexts, types=typed.types,
                    crossings=tuple(c for c in seam if c.path == path),
                    client_module=self.place.client, client=self.client,
                    guessed=typed.guessed, written=before.written, escaping=before.escaping,
                    definitions=before.definitions, reads=before.reads,
                    chosen=frozenset(self.request.transforms), constants=self.constants,
                    functions=self.functions, spanning=spanning,
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001  libcst raises more than ParserSyntaxError
                self.problems.append((path, f"cannot be parsed: {str(error).splitlines()[0]}"))
                continue
            found.append((file, typed.module))
        return found

    def _spanning(self, seam: Iterable[Crossing]) -> frozenset[tuple[str, str]]:
        """Return the functions that may run in a transaction over the service and others."""
        modules, bodies = self.graph.module_of_path, self.functions.bodies
        found: set[tuple[str, str]] = set()
        for crossing in seam:
            if crossing.kind == "transaction" and crossing.path in modules:
                found |= bodies.reached(f"{modules[crossing.path]}:{crossing.function}")
        return frozenset(found)

    def _candidate(
        self, file: SourceFile, module: str, decided: Mapping[Relation, str]
    ) -> Candidate:
        file.relations = decided
        proposals = []
        for name, transform in self.request.transforms.items():
            try:
                proposals.append(transform.propose(file))
            except Exception as error:  # noqa: BLE001  one transform's mistake ends no run
                what = f"{type(error).__name__}: {error}"
                self.problems.append((file.path, f"transform `{name}` failed: {what}"))
        return Candidate(file, module, tuple(proposals))

    def _rules(self) -> Rules:
        exports = Exports(self.monolith.sources, self.monolith.text)
        major, minor = self.graph.python.split(".")[:2]
        return Rules(
            own=frozenset(name.split(".")[0] for name in (*self.graph.modules, self.place.clients)),
            python=(int(major), int(minor)),
            is_within=self.request.is_within,
            is_exported=exports.is_exported,
            misfits=lambda changes: generated.misfits(
                changes, self.graph, self.monolith.contexts, self.monolith.root, self.service
            ),
            choose=self.request.choose,
        )

    def _undone(
        self, planned: Plan, candidates: Sequence[Candidate], decided: Mapping[Relation, str]
    ) -> dict[Relation, str]:
        """Return the relations that were to be diverted and are not, with the reason."""
        done = self._diverted(planned.texts)
        reasons = {d.path: d.reason for d in planned.dropped if d.change.transform == REFERENCE}
        paths = {candidate.module_name: candidate.file.path for candidate in candidates}
        undone = {}
        for key, reason in decided.items():
            field_ = self.graph.models[key[0]].fields[key[1]]
            if not reason and not field_.service and key not in done:
                module = (field_.declared_in or self.graph.models[key[0]].name).partition(":")[0]
                undone[key] = reasons.get(paths.get(module, ""), "its declaration was not changed")
        return undone

    def _diverted(self, changed: Mapping[str, str]) -> set[Relation]:
        """Return the relations that changed files declare with the client's field classes."""
        names = {source.path: source.name for source in self.monolith.sources}
        declared = {
            place
            for path, text in changed.items()
            for place in calls.diverted(text, names[path], self.client)
        }
        return {
            (label, name)
            for cls, name in declared
            for label in self.graph.concrete_of.get(cls, ())
            if name in self.graph.models[label].fields
        }

    def _surveyed(
        self, before: Typed, planned: Plan, decided: Mapping[Relation, str]
    ) -> tuple[Typed, Built, dict[str, str]]:
        """Generate the client from what is asked for, and survey the project as it will be.

        What is read of the client's values is known only then, so the client is generated twice.
        """
        monolith, place = self.monolith, self.place
        contexts = monolith.contexts
        supposed = relations.with_service(self.graph, contexts, self.service, decided)
        diverted = {key for key, reason in decided.items() if not reason}
        changes = [change for changes in planned.changes.values() for change in changes]

        def text_of(path: str) -> str | None:
            return planned.texts.get(path) or monolith.text(path)

        needs = generated.Needs(
            operations=tuple({op: None for change in changes for op in change.operations}),
            attributes=frozenset(need for change in changes for need in change.needs),
            consumers=lambda names: calls.consumers(monolith.sources, text_of, place, names),
            diverted=frozenset(diverted),
        )
        make = generated.Generator(
            monolith.root, supposed, contexts, place, self.existing, needs, text_of
        )
        built = make.contract(before.reads)
        files = {**planned.texts, **make.files(built.contract)}
        after = monolith.survey(supposed, overlay=files, step="what is left: ")
        built = make.contract(after.reads)
        return after, built, {**planned.texts, **make.files(built.contract)}

    def _edits(self, files: Mapping[str, str]) -> tuple[Edit, ...]:
        edits = []
        formatting = Formatting(self.monolith.root)
        for path, text in sorted(files.items()):
            raw = self.monolith.raw(path)
            before = "" if raw is None else decode(raw) if path.endswith(".py") else raw.decode()
            laid_out = text if raw is None else formatting.as_before(path, before, text)
            after = texts.restore(raw or b"", before, laid_out)
            if raw is None or after != raw:
                edits.append(Edit(path, raw, after))
        return tuple(edits)
