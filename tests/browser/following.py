"""Going on to another page by pressing something, for tests that read it at once."""


def follow(locator):
    """Press and wait until the page it leads to has loaded.

    A press alone returns while the next page is still on its way: what is read then without waiting comes from the
    page before, or from one whose rows have not arrived.
    """
    with locator.page.expect_navigation():
        locator.click()
