"""Hold contracts against what they were: fail on a change that breaks a recorded caller.

    codemods contract check     compare each contract with where this branch left the trunk
    codemods contract show      list operations, and the call sites of each

A contract records who calls each operation and who reads what of its values. `check` exits 1 when
a change breaks such a place that is still there, and names its file and line; what is only added
passes, and what would break nobody is told. It also holds each contract against the one shape of
interface that all services share: see docs/contracts.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.cli import _contracts, _project
from codemods.contract import compat, compat_report, compat_sites
from codemods.contract.compat_offer import Offer, offer_of
from codemods.contract.conventions import departures
from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codemods.contract.compat_offer import Call


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods contract`."""
    parser = subparsers.add_parser(
        "contract",
        help=__doc__.splitlines()[0],
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="fail on a change that breaks a recorded caller")
    show = actions.add_parser("show", help="list operations, and the call sites of each")
    for each in (check, show):
        each.add_argument(
            "--root", type=Path, default=Path(), metavar="DIR", help="where contracts/ is (here)"
        )
        each.add_argument("--json", action="store_true", help="print JSON")
    check.add_argument(
        "--base", metavar="REV", help="git revision to compare with (where HEAD left the trunk)"
    )
    check.add_argument("--against", type=Path, metavar="FILE", help="document to compare with")
    check.add_argument(
        "--current", type=Path, metavar="FILE", help="document to check, in place of contracts/"
    )
    check.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="check only this one"
    )
    check.add_argument(
        "--accept", action="append", default=[], metavar="NAME",
        help="an operation, or a field such as User.email, that may break",
    )  # fmt: skip
    shown = check.add_mutually_exclusive_group()
    shown.add_argument("--github", action="store_true", help="print GitHub annotations")
    shown.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")
    check.set_defaults(func=run_check)
    show.add_argument("service", nargs="*", metavar="SERVICE", help="only these")
    show.add_argument("--operation", metavar="NAME", help="only this one")
    show.set_defaults(func=run_show)


def run_check(args: argparse.Namespace) -> int:
    """Compare contracts; 1 when a recorded caller breaks, or one is not of the agreed shape."""
    root = _project.root_of(args)
    pairs = list(_pairs(args, root))
    if args.service:
        _known(args.service, {service for _, service, *_ in pairs}, "--service")
        pairs = [pair for pair in pairs if pair[1] in args.service]
    accepted = _accepted(args.accept, pairs)
    former_paths = frozenset() if args.against else _contracts.paths(root, args.base)
    text_of = _text_of(root, former_paths)
    compared = []
    for path, service, told, before, after in pairs:
        is_gone = after is None
        former = offer_of(before, f"{path} at {told}") if before is not None else None
        latter = Offer(service, ()) if is_gone else offer_of(after, path)
        changes = compat.compare(former, latter) if former is not None else ()
        compared.append(
            compat_report.Compared(
                path,
                service,
                told if before is not None else "nothing: it is new",
                compat_sites.located(changes, text_of, accepted),
                () if is_gone else departures(after),
            )
        )
    folder = _project.folder_in_repository(root)
    if args.json:
        json.dump(compat_report.to_json(compared), sys.stdout, indent=1)
        print()
    elif args.github:
        sys.stdout.write(compat_report.github(compared, folder=folder))
    elif args.sarif:
        sys.stdout.write(compat_report.sarif(compared, folder=folder))
    else:
        sys.stdout.write(compat_report.text(compared))
    return 0 if all(each.is_clean for each in compared) else 1


Pair = tuple[str, str, str, Any, Any]


def _pairs(args: argparse.Namespace, root: Path) -> Iterator[Pair]:
    """Give (path, service, what it is compared with, document before, document now)."""
    if args.against is not None and args.base is not None:
        raise CodemodsError("--against FILE and --base REV do not go together.")
    if args.current is not None:
        document = _contracts.read(args.current)
        now = {_project.shown(args.current.resolve()): document}
    else:
        now = _contracts.current(root)
    if args.against is not None:
        before = _contracts.read(args.against)
        name = _service(before)
        found = [path for path, document in now.items() if _service(document) == name]
        if not found:
            raise CodemodsError(
                f"--against {args.against}: a contract of {name}, and there is none of that service"
                f" among {', '.join(map(_service, now.values())) or f'{root}/contracts'}."
            )
        for path in found:
            yield path, name, str(args.against), before, now[path]
        return
    base = _contracts.base(root, args.base)
    then = {_service(document): (path, document)
            for path, document in _contracts.committed(root, base.revision).items()}  # fmt: skip
    if not now and not then:
        raise CodemodsError(
            f"{root}/contracts: no contract. `codemods rewrite --service NAME --write` makes them."
        )
    for path, document in now.items():
        service = _service(document)
        yield path, service, base.told, then.pop(service, (path, None))[1], document
    if args.current is None:
        for service, (path, document) in then.items():
            yield path, service, base.told, document, None


def _service(document: dict[str, Any]) -> str:
    return str(document.get("info", {}).get("title", ""))


def _known(given: list[str], known: set[str], option: str) -> None:
    if unknown := [name for name in given if name not in known]:
        raise CodemodsError(
            f"{option} {', '.join(unknown)}: there is none of that name. Known:"
            f" {', '.join(sorted(known)) or 'none'}."
        )


def _accepted(given: list[str], pairs: list[Pair]) -> frozenset[str]:
    """Return what may break, checked to be the name of something."""
    if given:
        documents = [each for _, _, *_, before, after in pairs for each in (before, after) if each]
        known = {call.name for each in documents for call in offer_of(each).calls}
        known |= {
            f"{name}.{compat.attribute_of(attribute)}"
            for each in documents
            for name, schema in each.get("components", {}).get("schemas", {}).items()
            for attribute in schema.get("properties", {})
        }
        _known(given, known, "--accept")
    return frozenset(given)


def _text_of(root: Path, former_paths: frozenset[str] = frozenset()) -> Callable[[str], str | None]:
    """Return a function that gives a file's text: None when it never was here, "" when it was."""

    def text_of(path: str) -> str | None:
        file = (root / path).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            return "" if path in former_paths else None
        return file.read_text(encoding="utf-8", errors="replace")

    return text_of


def run_show(args: argparse.Namespace) -> int:
    """List the operations of the contracts there are, with the lines that call them."""
    root = _project.root_of(args)
    offers = [offer_of(document, path) for path, document in _contracts.current(root).items()]
    if not offers:
        raise CodemodsError(
            f"{root}/contracts: no contract. `codemods rewrite --service NAME --write` makes them."
        )
    _known(args.service, {offer.service for offer in offers}, "SERVICE")
    chosen = [offer for offer in offers if offer.service in (args.service or [offer.service])]
    if args.operation:
        _known([args.operation], {c.name for each in chosen for c in each.calls}, "--operation")
    text_of, shown = _text_of(root), []
    for offer in chosen:
        calls = [call for call in offer.calls if call.name == (args.operation or call.name)]
        if calls:
            shown.append((offer, [(call, _sites(call, text_of)) for call in calls]))
    if args.json:
        json.dump(_shown_to_json(shown), sys.stdout, indent=1)
        print()
        return 0
    for offer, calls_ in shown:
        print(f"{offer.service}  {len(calls_)} operations")
        for call, sites in calls_:
            arguments = ", ".join(name for name, _ in call.places)
            print(f"  {call.method.upper():<4} {call.path}  ({arguments})")
            for site in sites:
                print(f"         {site}")
    return 0


Shown = list[tuple[Offer, list[tuple["Call", list[compat_sites.Site]]]]]


def _sites(call: Call, text_of: Callable[[str], str | None]) -> list[compat_sites.Site]:
    change = compat.Change("operation-removed", call.name, "", (call.name,), uses=call.uses)
    [found] = compat_sites.located([change], text_of)
    return list(found.sites)


def _shown_to_json(shown: Shown) -> dict[str, Any]:
    return {
        "version": 1,
        "services": [
            {
                "service": offer.service,
                "operations": [
                    {
                        "name": call.name,
                        "method": call.method,
                        "path": call.path,
                        "arguments": [name for name, _ in call.places],
                        "consumers": [compat_report.site_to_json(site) for site in sites],
                    }
                    for call, sites in calls
                ],
            }
            for offer, calls in shown
        ],
    }
