"""The schema is valid, says everything without a warning, and knows the one error shape."""

import pytest
import yaml
from django.core.management import call_command


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    target = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(target))
    schema = yaml.safe_load(target.read_text())
    assert schema["info"]["title"] == "Shop"
    assert {
        "/api/products/{id}/",
        "/api/users/me/profile/",
        "/api/orders/",
        "/api/payments/{id}/refund/",
    } <= set(schema["paths"])
    error = {"$ref": "#/components/schemas/Error"}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            answer = operation["responses"]["default"]
            assert answer["content"]["application/json"]["schema"] == error, (method, path)
    assert schema["components"]["schemas"]["Error"]["required"] == ["error"]


@pytest.mark.django_db
def test_the_schema_and_its_reader_are_public(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/api/schema/?format=json")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")
    assert client.get("/api/docs/").status_code == 200
