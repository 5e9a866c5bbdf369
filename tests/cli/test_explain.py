import pytest

from strangler.policy import Request, decide, load_policy
from strangler.policy.sticky import bucket_of


def test_it_names_route_key_bucket_side_and_fallback(shop):
    done = shop.run("explain", "get", "/api/products/7/?x=1", "-H", "Cookie: strangler_user=ab")
    assert done.status == 0
    bucket = bucket_of("detail", "ab")
    expected = "products" if bucket < 1000 else "monolith"
    assert done.out.startswith(f"GET /api/products/7/?x=1 -> {expected}\n")
    for told in (
        "route detail: GET,HEAD /api/products/{id}/, stage canary",
        "key from cookie strangler_user: ab",
        f"bucket {bucket} of 10000 under salt 'detail'",
        "0-999 products",
        "if it cannot answer: ",
        "5 % of such requests are compared",
    ):
        assert told in done.out


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_it_agrees_with_decide(shop, key):
    headers = (("cookie", f"strangler_user={key}"),)
    decision = decide(load_policy(shop.path), Request("GET", "/api/products/7/", headers))
    content = shop.run(
        "explain", "GET", "/api/products/7/", "-H", f"Cookie: strangler_user={key}", "--json"
    ).json
    assert (content["upstream"], content["side"], content["key"]) == (
        decision.upstream, decision.side, decision.key,
    )  # fmt: skip
    assert tuple(content["fallbacks"]) == decision.fallbacks


def test_a_credential_is_named_and_not_shown(shop):
    for more in ([], ["--json"]):
        done = shop.run(
            "explain", "GET", "/api/products/7/", "-H", "Authorization: Token s3cret", *more
        )
        assert "header authorization" in done.out
        assert "s3cret" not in done.out


def test_a_path_that_no_route_matches_goes_to_the_default(shop):
    done = shop.run("explain", "GET", "/admin/")
    assert done.out.startswith("GET /admin/ -> monolith\n")
    assert "no route matches GET /admin/" in done.out


def test_a_new_visitor_is_told_as_one(shop):
    assert "a new visitor" in shop.run("explain", "GET", "/api/products/7/").out


def test_an_override_is_told_with_the_trust_in_the_client(shop):
    override = '[[routes.list.overrides]]\nheader = "X-Side"\nvalue = "new"\nto = "candidate"\n'
    shop.path.write_text(shop.text + override)
    arguments = ["explain", "GET", "/api/products/", "-H", "X-Side: new"]
    assert "an override forces products (client 127.0.0.1 is trusted)" in shop.run(*arguments).out
    outside = shop.run(*arguments, "--peer", "203.0.113.9").out
    assert "stage monolith sends every key to monolith" in outside


def test_what_the_proxy_refuses_is_told(shop):
    done = shop.run("explain", "GET", "/a%2fb")
    assert "refused with status 400" in done.out


def test_a_header_without_a_colon_is_exit_2(shop):
    done = shop.run("explain", "GET", "/", "-H", "nonsense")
    assert (done.status, "is not 'Name: value'" in done.err) == (2, True)
