"""What a first page weighs: requests, and bytes of script and style over the wire."""

import pytest
from playwright.sync_api import expect

MOST_REQUESTS, MOST_BYTES = 8, 100_000


@pytest.mark.parametrize("path", ["/", "/people/", "/people/1/"])
def test_a_first_page_is_light(rep, path):
    answers, sizes = {}, {}
    network = rep.context.new_cdp_session(rep)
    network.send("Network.enable")
    network.on("Network.responseReceived", lambda event: answers.update({event["requestId"]: event}))
    network.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    rep.goto(path)
    rep.wait_for_load_state("networkidle")
    weighed = {event["response"]["url"]: sizes.get(key, 0) for key, event in answers.items()}
    assert len(weighed) <= MOST_REQUESTS, weighed
    assert sum(size for url, size in weighed.items() if url.endswith((".js", ".css"))) <= MOST_BYTES, weighed


def test_a_second_page_fetches_no_script_or_style_again(rep):
    rep.goto("/people/")
    rep.wait_for_load_state("networkidle")
    fetched = []
    rep.on("requestfinished", lambda request: fetched.append((request.url, request.response().from_service_worker)))
    network = rep.context.new_cdp_session(rep)
    network.send("Network.enable")
    cached = set()
    network.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    network.on(
        "Network.responseReceived",
        lambda event: event["response"].get("fromDiskCache") and cached.add(event["requestId"]),
    )
    rep.goto("/companies/")
    rep.wait_for_load_state("networkidle")
    statics = [url for url, _worker in fetched if "/static/" in url]
    assert len(cached) >= len(statics), (statics, cached)
    expect(rep.get_by_role("heading", level=1)).to_have_text("Companies")
