"""The same small company as in the tests of the mail room."""

from tests.mail.conftest import made_once, project  # noqa: F401 - fixtures
