"""`python -m bench.yardstick`: what Django itself takes on this machine for a list page without anything of ours.

Fifty people in the order of an index, with company and owner, in a plain table: no sign-in, no rights, no count, no
shell. Held beside our figures it tells a slow machine from a slow page.
"""

from __future__ import annotations

from importlib import import_module
from statistics import median
from time import perf_counter, process_time

PAGE = """<!doctype html><title>People</title><table>{% for person in people %}
<tr><td><a href="/people/{{ person.pk }}/">{{ person.given_name }} {{ person.family_name }}</a></td>
<td>{{ person.company.name }}</td><td>{{ person.owner.email }}</td><td>{{ person.stage }}</td>
<td>{{ person.last_contacted_at|date }}</td><td>{{ person.next_activity_at|date }}</td>
<td>{{ person.updated_at|date }}</td></tr>{% endfor %}</table>"""
WARM_UP, ROUNDS = 5, 30


def milliseconds():
    """Return the medians of (time, CPU) of the bare page."""
    import_module("crm.wsgi")
    from django.template import Context, engines

    from contacts.models import Person

    template = engines["django"].from_string(PAGE).template
    walls, cpus = [], []
    for _turn in range(WARM_UP + ROUNDS):
        wall, cpu = perf_counter(), process_time()
        people = Person.objects.unscoped(because="what a page without rights takes is measured")
        rows = people.live().select_related("company", "owner").order_by("sort_name", "pk")[:50]
        template.render(Context({"people": rows}))
        walls.append((perf_counter() - wall) * 1000)
        cpus.append((process_time() - cpu) * 1000)
    return median(walls[WARM_UP:]), median(cpus[WARM_UP:])


if __name__ == "__main__":
    print("A bare Django list page takes {:.1f} ms on this machine now, {:.1f} of it CPU.".format(*milliseconds()))
