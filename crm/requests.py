"""The request as WSGI hands it over, read so that no header or body can break the reading."""

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request whose text is UTF-8; `is_legible` is False if its Content-Type says otherwise or cannot be read."""

    is_legible = True

    def _set_content_type_params(self, meta):
        """Take the type alone: Django would decode with any codec named here, "hex" too, before a view can object."""
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params, self.is_legible = "", {}, False
        charset = self.content_params.get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            self.is_legible = False

    def _load_post_and_files(self):
        try:
            super()._load_post_and_files()
        except (LookupError, ValueError) as error:
            self._mark_post_parse_error()
            raise BadRequest("The body cannot be read.") from error
