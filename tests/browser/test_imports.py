"""An import from the file to its undoing, by hand and by keyboard."""

from django.utils.crypto import get_random_string
from playwright.sync_api import expect

from contacts.models import Person
from crm.jobs import work_off


def table(name):
    return (
        f"First name;Last name;Mail;Born\nAda;{name};ada@{name}.example;10.12.1985\n"
        f"Bo;{name};bo@{name};1.2.1990\nCleo;{name};cleo@{name}.example;31.02.1990\n"
    ).encode()


def people(name):
    return Person.objects.unscoped(because="a test looks").filter(family_name=name, trashed_at=None).count()


def test_errors_are_mended_in_place_then_run_and_undone(rep):
    name = get_random_string(9, "abcdefghijklmnop").capitalize()
    rep.goto("/quality/imports/new/")
    rep.get_by_label("File").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": table(name)})
    rep.get_by_role("button", name="Read the file").click()
    rep.get_by_label("Is here: Born").select_option("born_on")
    rep.get_by_role("button", name="Preview").click()
    cells = rep.locator(".fig", has_text="Cells to mend").locator("dd")
    expect(cells).to_have_text("2")
    mail = rep.get_by_label("Mail, row 3")
    mail.fill(f"bo@{name}.example".lower())
    mail.press("Enter")
    expect(cells).to_have_text("1")
    day = rep.get_by_label("Born, row 4")
    day.fill("28.02.1990")
    day.press("Tab")
    expect(cells).to_have_text("0")
    rep.get_by_role("button", name="Run 3 rows").click()
    expect(rep.get_by_text("The rows are being written")).to_be_visible()
    work_off()
    expect(rep.get_by_role("button", name="Undo the import")).to_be_visible()
    assert people(name) == 3
    rep.get_by_role("button", name="Undo the import").click()
    expect(rep.get_by_text("Everything is as it was before")).to_be_visible()
    assert people(name) == 0


DROP = """([zone, name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name, {type: "text/csv"}));
    const over = document.querySelector(zone);
    const dragged = {bubbles: true, cancelable: true, dataTransfer: files};
    const sent = type => over.dispatchEvent(new DragEvent(type, dragged));
    const before = !sent("dragover");
    const marked = Boolean(document.querySelector(".drop.is-over"));
    sent("drop");
    return [before, marked];
}"""


def test_a_file_is_dropped_on_the_field_or_beside_it(rep):
    name = get_random_string(9, "abcdefghijklmnop").capitalize()
    rep.goto("/quality/imports/new/")
    field = rep.get_by_label("File")
    assert rep.evaluate(DROP, ["h1", "beside.csv", "a"]) == [True, False]  # the page stays, nothing is chosen
    assert field.evaluate("one => one.files.length") == 0
    assert rep.evaluate(DROP, [".drop", "dropped.csv", table(name).decode()]) == [True, True]
    assert field.evaluate("one => one.files[0].name") == "dropped.csv"
    expect(rep.locator("[data-drop-said]")).to_have_text("dropped.csv")
    expect(field).to_be_focused()
    rep.get_by_role("button", name="Read the file").click()
    expect(rep.get_by_role("heading", name="dropped.csv")).to_be_visible()
