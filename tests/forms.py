"""Filling in the forms of our pages as a browser without JavaScript does: from the page, not from the form class."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """Collects the forms of a page with the values a browser would send; what a <template> holds is not on the page."""

    def __init__(self):
        super().__init__()
        self.forms, self._templates, self._select, self._area = [], 0, None, None

    @property
    def fields(self):
        return self.forms[-1]["fields"] if self.forms and not self._templates else []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        handler = getattr(self, f"_start_{tag}", None)
        if handler:
            handler(attrs)

    def _start_template(self, attrs):
        self._templates += 1

    def _start_form(self, attrs):
        self.forms.append({"action": attrs.get("action", ""), "method": attrs.get("method", "get"), "fields": []})

    def _start_input(self, attrs):
        unticked = attrs.get("type") in ("checkbox", "radio") and "checked" not in attrs
        if attrs.get("name") and not unticked:
            self.fields.append((attrs["name"], attrs.get("value", "on" if attrs.get("type") == "checkbox" else "")))

    def _start_select(self, attrs):
        self._select = (attrs.get("name"), "multiple" in attrs, [])

    def _start_option(self, attrs):
        if self._select:
            self._select[2].append((attrs.get("value", ""), "selected" in attrs))

    def _start_textarea(self, attrs):
        self._area = (attrs.get("name"), "")

    def handle_data(self, text):
        if self._area:
            self._area = (self._area[0], self._area[1] + text)

    def handle_endtag(self, tag):
        if tag == "template":
            self._templates -= 1
        if tag == "select" and self._select:
            name, several, options = self._select
            chosen = [value for value, selected in options if selected]
            self.fields.extend(
                (name, value) for value in (chosen or ([] if several else [options[0][0]] if options else []))
            )
            self._select = None
        if tag == "textarea" and self._area:
            self.fields.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None


def forms(response):
    """Return the forms of a page: [{action, method, fields: [(name, value)]}]."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def filled(response, having, **changes):
    """Return what the form with the field `having` would send, as {name: value or [values]}, with changes to it."""
    try:
        form = next(form for form in forms(response) if having in dict(form["fields"]))
    except StopIteration:
        raise AssertionError(f"{response.status_code}: no form with {having}") from None
    sent = {}
    for name, value in form["fields"]:
        sent.setdefault(name, []).append(value)
    return {**sent, **changes}
