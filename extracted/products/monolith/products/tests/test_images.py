"""Product images: streamed in by staff, read by all, whole or not at all."""

import hashlib

import pytest

from monolith.products import images
from monolith.products.factories import ProductFactory

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG" + bytes(range(256)) * 4096


@pytest.fixture
def url():
    return f"/api/products/{ProductFactory().pk}/image/"


def put(client, url, body=PNG, content_type="image/png"):
    return client.generic("PUT", url, body, content_type=content_type)


def test_staff_upload_and_anyone_reads_it_back(grace_api, client, url, django_assert_num_queries):
    with django_assert_num_queries(6):
        response = put(grace_api, url)
    assert response.status_code == 200
    assert response.json() == {
        "content_type": "image/png",
        "size_bytes": len(PNG),
        "sha256": hashlib.sha256(PNG).hexdigest(),
    }
    read = client.get(url)
    assert (read.status_code, read["Content-Type"]) == (200, "image/png")
    assert b"".join(read.streaming_content) == PNG
    assert read["X-Content-Type-Options"] == "nosniff"


def test_another_image_takes_the_place_of_the_first(grace_api, client, url, settings):
    put(grace_api, url)
    put(grace_api, url, b"GIF89a", "image/gif")
    read = client.get(url)
    assert read["Content-Type"] == "image/gif"
    assert b"".join(read.streaming_content) == b"GIF89a"
    assert len(list((settings.MEDIA_ROOT / "products").iterdir())) == 1


@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html"])
def test_other_types_are_refused(grace_api, url, content_type):
    response = put(grace_api, url, content_type=content_type)
    assert response.status_code == 415
    assert response.json()["error"]["code"] == "unsupported_media_type"


def test_an_image_too_large_is_refused_and_leaves_the_first(grace_api, client, url, settings):
    put(grace_api, url, b"first")
    settings.PRODUCT_IMAGE_MAX_BYTES = 10
    response = put(grace_api, url)
    assert response.status_code == 413
    assert response.json() == {
        "error": {"code": "payload_too_large", "message": "An image may have at most 10 bytes."}
    }
    assert b"".join(client.get(url).streaming_content) == b"first"


def test_a_body_longer_than_announced_leaves_nothing_behind(settings):
    with pytest.raises(images.PayloadTooLarge):
        images.store_image(
            product_id=1, content_type="image/png", chunks=[b"12345", b"67890"], limit_bytes=9
        )
    assert list((settings.MEDIA_ROOT / "products").iterdir()) == []


def test_only_staff_upload(api, ada_api, url):
    assert put(api, url).status_code == 401
    assert put(ada_api, url).status_code == 403


def test_a_product_without_image_answers_not_found(client, url):
    response = client.get(url)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
