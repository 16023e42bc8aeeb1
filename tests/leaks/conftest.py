"""The same small company as in the tests of the mailing."""

from tests.mail.conftest import made_once, project  # noqa: F401 - fixtures
