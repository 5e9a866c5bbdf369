"""What a rewritten call gives is known to the next run, also through `get_or_404`."""

from codemods.crossings.survey import survey_typed

VIEWS = "shop/views.py"
CLIENT = {
    "clients/__init__.py": "",
    "clients/users_client/__init__.py": (
        "from clients.users_client.operations import get_user\n"
        "from clients.users_client.values import User\n"
    ),
    "clients/users_client/values.py": 'class User:\n    model_label = "users.User"\n',
    "clients/users_client/operations.py": (
        "from clients.users_client import values\n\n\n"
        "def get_user(id: int) -> values.User:\n    return None\n"
    ),
}
REWRITTEN = """\
from clients import users_client
from strangler.client.shortcuts import get_or_404


def page(pk):
    user = get_or_404(users_client.get_user, id=pk)
    return user.name
"""


def test_reads_of_what_get_or_404_gives_are_seen(workbench):
    typed = survey_typed(
        workbench.root,
        workbench.graph,
        workbench.contexts,
        workbench.digests,
        workbench.pages,
        overlay={VIEWS: REWRITTEN, **CLIENT},
        processes=1,
    )

    assert {(read.label, read.attribute) for read in typed.reads if read.path == VIEWS} == {
        ("users.User", "name")
    }
