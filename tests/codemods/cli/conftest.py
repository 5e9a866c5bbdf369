from tests.codemods.rewrite.conftest import pristine, shop  # noqa: F401  fixtures
