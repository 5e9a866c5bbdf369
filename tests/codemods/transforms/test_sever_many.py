"""The plan for relations to many rows of a service."""

from codemods.transforms import sever_many


def test_the_links_of_a_relation_to_many_are_planned_table_and_rows_kept(graph, contexts):
    found = dict(sever_many.candidates(graph, contexts, "people"))
    assert list(found) == [("shop.Line", "wanted_by")]
    key = ("shop.Line", "wanted_by")
    told = sever_many.plan(graph, key, found[key], "people_client")
    for part in (
        "shop.Line.wanted_by is a ManyToManyField",
        'person = people_client.SERVICE.Reference("people.Person", models.IntegerField,',
        "line as they are",
        'Meta.db_table = "shop_line_wanted_by"',
    ):
        assert part in told
    assert not dict(sever_many.candidates(graph, contexts, "goods"))
