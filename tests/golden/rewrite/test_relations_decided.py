"""What may be handed to a relation depends on whether it is diverted, which is decided in turns."""

from codemods import transforms

TEXT = """\
from users.models import User

from shop.models import Order


def order_for(pk):
    Order.objects.create(user=User.objects.get(pk=pk), total=1)
"""


def test_a_value_goes_only_into_a_relation_that_is_diverted(workbench):
    file = workbench.source(TEXT)
    get = transforms.transforms()["get"]

    assert len(get.propose(file).changes) == 1

    file.relations = {**file.relations, ("shop.Order", "user"): "it is set elsewhere"}
    proposal = get.propose(file)

    assert not proposal.changes
    assert [refusal.reason for refusal in proposal.refusals] == [
        "it is passed to Order.objects.create()"
    ]
