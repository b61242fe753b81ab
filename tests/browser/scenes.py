"""Every kind of page and every state of it that looks different: where it is, who sees it, how it is brought about."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from contacts.models import Person
from crm import duplicates, merging
from crm.firm import Firm
from interactions.models import Interaction, Task
from quality.models import BulkMerge, CertainRule
from tests.browser import making
from tests.factories import quality

FAULTS = (403, 404, 500, 503)
MORE_FAULTS = (400, 405, 413, 414, 415, 422, 429)


@dataclass(frozen=True)
class Scene:
    """A page in one state.

    `path`: may name {person}, {company}, {task} and {talk}, records of rep@'s day, {rep} and their {role}.
    `alike`: much like another one.
    """

    name: str
    path: str
    act: Callable = lambda page: None
    sign_in: str | None = "rep"
    alike: bool = False

    def opened_by(self, visit, **options):
        """Bring the scene about in a page of its own and give the page."""
        page = visit(self.sign_in, **options)
        page.goto(self.path.format(**_belongings()) if "{" in self.path else self.path)
        self.act(page)
        return page


def _belongings():
    rep = making.user()
    ngozi = Person.objects.visible_to(rep).get(given_name="Ngozi", family_name="Okonkwo-Lindqvist")
    task = Task.objects.visible_to(rep).filter(person=ngozi).earliest("pk")
    talk = Interaction.objects.visible_to(rep).filter(owner=rep).earliest("pk")
    ids = {"person": ngozi.pk, "company": ngozi.company_id, "task": task.pk, "talk": talk.pk}
    return {**ids, "rep": rep.pk, "role": rep.role_id}


def pressed(*keys, then="", shows="dialog[open]"):
    """Return an act: press the keys, type the text, wait until something shows."""

    def act(page):
        for key in keys:
            page.keyboard.press(key)
        page.locator(shows).first.wait_for()
        if then:
            page.keyboard.type(then, delay=30)

    return act


def clicked(selector, shows):
    """Return an act: click what can be seen of the selector, wait until something shows."""

    def act(page):
        page.locator(selector).locator("visible=true").first.click()
        page.locator(shows).locator("visible=true").first.wait_for()

    return act


def mistaken(page):
    """Sign in with a wrong password."""
    page.get_by_label("E-mail").fill("nobody@demo.example")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.locator(".form-errors:visible").wait_for()


def sent(selector="main form .btn-primary", shows="[aria-invalid=true]"):
    return clicked(selector, shows)


def chosen(page):
    """Type into the picker of a dialog until it offers somebody."""
    pressed("c")(page)
    page.keyboard.type("ngozy", delay=30)
    page.locator(".ts-wrapper:not(.loading)").first.wait_for()
    page.locator(".ts-dropdown [role=option]", has_text="Ngozi").wait_for()


def refused(page):
    """Send the form of a dialog without what it needs."""
    pressed("c")(page)
    page.get_by_role("dialog").get_by_role("button", name="Log", exact=True).click()
    page.locator("dialog .invalid-feedback").first.wait_for()


def nameless(page):
    """Send the firm's profile without a name."""
    page.locator("[name=name]").fill("")
    sent()(page)


def with_steps(page):
    """Show the checklist as on a fresh site."""
    Firm.objects.update(setup_over=False)
    try:
        page.reload()
        page.get_by_text("Say who you are").wait_for()
    finally:
        Firm.objects.update(setup_over=True)


def put_away(page):
    """Put somebody in the trash and keep the message."""
    page.goto(making.path(making.person()))
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Put in the trash").click()
    page.get_by_role("button", name="Undo").wait_for()


def trashed(page):
    put_away(page)
    page.go_back()
    page.reload()
    page.get_by_text("This is in the trash.").wait_for()


def quick_logging(page):
    page.get_by_label("What was said").focus()
    page.get_by_label("Follow up").wait_for()


def given_up(page):
    making.dead_job()
    page.reload()
    page.get_by_role("button", name="Try all again").first.wait_for()


def asked_for(page):
    making.mail()
    page.reload()
    page.locator("tbody tr").first.wait_for()


def doubted(page):
    page.goto(f"/mail/sent/{making.mail(state='in_doubt').pk}/")
    page.get_by_role("button", name="may arrive twice").wait_for()


def with_template(page):
    making.template()
    page.reload()
    page.locator("tbody tr").first.wait_for()


def template_written(page):
    page.goto(f"/mail/templates/{making.template().pk}/")
    page.frame_locator("[name=mail-preview]").get_by_text("Kind regards").wait_for()


def told(page):
    making.told()
    page.reload()
    page.locator(".told-line").first.wait_for()


def held(page):
    making.held_event()
    page.reload()
    page.get_by_role("button", name="Try again").first.wait_for()


def received(page):
    page.goto(f"/mail/received/{making.received().pk}/")
    page.frame_locator(".mail-frame").get_by_text("favourite").wait_for()


def with_mailbox(page):
    making.received()
    page.reload()
    page.locator("tbody tr").first.wait_for()


def suppressed(page):
    page.goto(f"/settings/suppressions/{making.suppression().pk}/")
    page.get_by_role("button", name="Let it get mail again").wait_for()


def undoable(page):
    put_away(page)
    page.goto("/undo/")
    page.get_by_role("button", name="Undo").first.wait_for()


def put_off(page):
    """Put the first pair off and look at what was."""
    page.locator(".dup").first.get_by_role("button", name="Later").click()
    page.get_by_role("button", name="Undo").wait_for()
    page.goto("/quality/duplicates/?state=later")
    page.get_by_role("button", name="Look now").first.wait_for()


def certain_ones(page):
    """Let people have answered enough, switch it on, and look at what would be merged."""
    boss = making.user("admin")
    if not CertainRule.objects.filter(is_on=True).exists():
        quality.switched_on(boss)
    if not Person.objects.visible_to(boss).filter(family_name="Zubizarreta").exists():
        for one in quality.twins(boss, "Zubizarreta", job_title=""):
            duplicates.match(Person, [one.pk])
    page.goto("/quality/certain/?kind=person")
    page.get_by_role("heading", name="Would be merged now").wait_for()


def certain_run(page):
    """Look at a run that merged one cluster and left another."""
    boss = making.user("admin")
    run = BulkMerge.objects.create(kind=1, by=boss, left={"unsure": 3})
    people = [making.person(owner="admin") for _number in range(2)]
    act = merging.merge(Person, [one.pk for one in people], unseen=True, by=boss)
    run.items.create(number=1, ids=[one.pk for one in people], versions=[1, 1], outcome="merged", act=act)
    run.items.create(number=2, ids=[making.person(owner="admin").pk], versions=[1], outcome="left", why="changed")
    page.goto(f"/quality/certain/{run.pk}/")
    page.get_by_role("button", name="Undo all").wait_for()


def mapped(page):
    page.goto(f"/quality/imports/{making.brought().pk}/columns/")


def previewed(page):
    page.goto(f"/quality/imports/{making.brought().pk}/preview/")


def imported(page):
    page.goto(f"/quality/imports/{making.brought(run=True).pk}/")
    page.get_by_role("button", name="Undo the import").wait_for()


def listed_imports(page):
    making.brought(run=True)
    page.reload()


def merge_screen(page):
    """Look at the first entry on the merge screen."""
    page.locator(".dup").first.get_by_role("button", name="Merge").click()
    page.get_by_role("heading", level=1, name="Merge").wait_for()


def act_opened(page):
    undoable(page)
    page.locator("tbody a, main li a").first.click()
    page.get_by_role("heading", level=1).wait_for()


SCENES = [
    # signed out
    Scene("sign in", "/accounts/login/", sign_in=None),
    Scene("sign in refused", "/accounts/login/", mistaken, sign_in=None),
    Scene("password forgotten", "/accounts/password/reset/", sign_in=None),
    Scene("mail is on its way", "/accounts/password/reset/done/", sign_in=None, alike=True),
    Scene("link is old", "/accounts/password/reset/key/1-x/", sign_in=None, alike=True),
    *(Scene(f"fault {status}", f"/errors/{status}/", sign_in=None) for status in FAULTS),
    *(Scene(f"fault {status}", f"/errors/{status}/", sign_in=None, alike=True) for status in MORE_FAULTS),
    # My day
    Scene("my day", "/"),
    Scene("my day of a new rep", "/", sign_in="newrep"),
    # lists
    Scene("people", "/people/"),
    Scene("people narrowed", "/people/?stage=customer&stage=lead&owner=me&sort=name", alike=True),
    Scene("people filters", "/people/", clicked("a.chip--add", "form[data-filter]")),
    Scene("people with all columns", "/people/?columns=name,company,job_title,email,phone,address,country,source,tags"),
    Scene("nobody matches", "/people/?q=qqqqzzzz"),
    Scene("nobody here yet", "/people/", sign_in="newrep"),
    Scene("companies", "/companies/"),
    Scene("no company yet", "/companies/", sign_in="newrep", alike=True),
    Scene("trash of people", "/people/trash/"),
    # records
    Scene("person", "/people/{person}/"),
    Scene("person of a colleague", "/people/{person}/", sign_in="teammate", alike=True),
    Scene("person, quick log open", "/people/{person}/", quick_logging),
    Scene(
        "person, more actions", "/people/{person}/", clicked("[aria-label='More actions']", ".menu[open] .menu-item")
    ),
    Scene("company", "/companies/{company}/"),
    Scene("changes", "/people/{person}/changes/"),
    Scene("somebody in the trash", "/people/", trashed),
    # forms
    Scene("new person", "/people/new/"),
    Scene("new person refused", "/people/new/", sent()),
    Scene("new person in few fields", "/people/quick/"),
    Scene("person changed", "/people/{person}/edit/"),
    Scene("new company", "/companies/new/"),
    Scene("company changed", "/companies/{company}/edit/", alike=True),
    Scene("log a call", "/calls/new/"),
    Scene("log a mail", "/mails/new/", alike=True),
    Scene("log a meeting", "/meetings/new/", alike=True),
    Scene("log a note", "/notes/new/", alike=True),
    Scene("talk changed", "/interactions/{talk}/edit/"),
    Scene("new task", "/tasks/new/"),
    Scene("task changed", "/tasks/{task}/edit/"),
    # settings
    Scene("settings", "/settings/", sign_in="admin"),
    Scene("set-up", "/settings/", with_steps, sign_in="admin"),
    Scene("firm", "/settings/firm/", sign_in="admin"),
    Scene("firm refused", "/settings/firm/", nameless, sign_in="admin", alike=True),
    Scene("apps", "/settings/apps/", sign_in="admin"),
    Scene("users", "/settings/users/", sign_in="admin"),
    Scene("invitation", "/settings/users/invitation/", sign_in="admin"),
    Scene("user", "/settings/users/{rep}/", sign_in="admin"),
    Scene("hand-over", "/settings/users/{rep}/hand-over/", sign_in="admin"),
    Scene("teams", "/settings/teams/", sign_in="admin"),
    Scene("new team", "/settings/teams/new/", sign_in="admin"),
    Scene("roles", "/settings/roles/", sign_in="admin"),
    Scene("role", "/settings/roles/{role}/", sign_in="admin"),
    Scene("new role", "/settings/roles/new/", sign_in="admin", alike=True),
    # mail
    Scene("mail", "/mail/sent/", asked_for, sign_in="admin"),
    Scene("no mail in this state", "/mail/sent/?state=bounced", alike=True),
    Scene("mail in doubt", "/mail/sent/", doubted, sign_in="admin"),
    Scene("no template yet", "/mail/templates/", sign_in="newrep"),
    Scene("new template", "/mail/templates/new/"),
    Scene("template refused", "/mail/templates/new/", sent()),
    Scene("template", "/mail/templates/new/", template_written),
    Scene("templates", "/mail/templates/", with_template),
    Scene("nothing received", "/mail/", sign_in="newrep"),
    Scene("received mail", "/mail/", received),
    Scene("drop box", "/mail/drop-box/"),
    Scene("mailboxes", "/settings/mailboxes/", with_mailbox, sign_in="admin"),
    Scene("new mailbox", "/settings/mailboxes/new/", sign_in="admin"),
    Scene("no suppression", "/settings/suppressions/?state=lifted", sign_in="admin", alike=True),
    Scene("new suppression", "/settings/suppressions/new/", sign_in="admin"),
    Scene("suppression", "/settings/suppressions/", suppressed, sign_in="admin"),
    Scene("nothing set aside", "/settings/quarantine/", sign_in="admin", alike=True),
    # the bell, events, undo
    Scene("notifications", "/notifications/", told),
    Scene("nothing told yet", "/notifications/", sign_in="newrep"),
    Scene("how one is told", "/account/notifications/"),
    Scene("events", "/settings/events/", held, sign_in="admin"),
    Scene("recent changes", "/undo/", undoable),
    Scene("a recent change", "/undo/", act_opened),
    Scene("nothing to undo", "/undo/", sign_in="newrep"),
    # duplicates
    Scene("duplicates", "/quality/duplicates/", sign_in="admin"),
    Scene("duplicates of companies", "/quality/duplicates/?kind=company", sign_in="admin", alike=True),
    Scene("duplicates filters", "/quality/duplicates/", clicked("summary.chip--add", "#dup-kind"), sign_in="admin"),
    Scene("duplicates put off", "/quality/duplicates/", put_off, sign_in="admin"),
    Scene("merging", "/quality/duplicates/", merge_screen, sign_in="admin"),
    Scene("merging with another", "/quality/merge/?kind=person&pick={person}"),
    Scene("nothing merged", "/quality/duplicates/?state=merged", sign_in="newrep", alike=True),
    Scene("no duplicates", "/quality/duplicates/", sign_in="newrep"),
    Scene("certain companies", "/quality/certain/?kind=company", sign_in="admin"),
    Scene("certain ones", "/quality/certain/", certain_ones, sign_in="admin"),
    Scene("run over certain ones", "/quality/certain/", certain_run, sign_in="admin"),
    Scene("nothing answered", "/quality/duplicates/?state=answered", sign_in="newrep", alike=True),
    # imports
    Scene("imports", "/quality/imports/", listed_imports),
    Scene("no imports", "/quality/imports/", sign_in="newrep"),
    Scene("import a file", "/quality/imports/new/"),
    Scene("columns of a file", "/quality/imports/", mapped),
    Scene("preview of a file", "/quality/imports/", previewed),
    Scene("result of an import", "/quality/imports/", imported),
    # over the page
    Scene("call dialog", "/people/", pressed("c")),
    Scene("call dialog, somebody found", "/", chosen),
    Scene("call dialog refused", "/companies/", refused),
    Scene("changes dialog", "/people/{person}/", clicked("a[href$='/changes/']", "dialog .change")),
    Scene("palette", "/people/", pressed("Control+k")),
    Scene("palette with hits", "/people/", pressed("Control+k", then="ngozy")),
    Scene("keys", "/people/", pressed("?")),
    Scene("new things", "/people/", pressed("n", shows=".menu[open] .menu-item")),
    Scene("message with undo", "/people/", put_away),
    # the rest
    Scene("search", "/search/?q=ngozy"),
    Scene("search finds nothing", "/search/?q=qqqqzzzz"),
    Scene("search for nothing", "/search/", alike=True),
    Scene("account", "/account/"),
    Scene("new password", "/accounts/password/change/", alike=True),
    Scene("background work", "/jobs/", sign_in="admin"),
    Scene("work given up", "/jobs/given-up/", given_up, sign_in="admin"),
    # who did what
    Scene("history", "/history/", sign_in="admin"),
    Scene("history filters", "/history/", clicked("a.chip--add", "form[data-filter]"), sign_in="admin"),
    Scene("history unfolded", "/history/", clicked(".c-diff summary", ".c-diff details[open] p"), sign_in="auditor"),
    Scene("nothing in history matches", "/history/?since=2150-01-01", sign_in="auditor", alike=True),
    Scene("activity", "/users/{rep}/?days=90", sign_in="admin"),
    Scene("gallery", "/gallery/"),
    Scene("messages", "/gallery/?toasts"),
]


def slug(scene):
    return re.sub(r"\W+", "-", scene.name)
