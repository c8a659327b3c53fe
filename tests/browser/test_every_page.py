"""Every page of the running town, found by its links as people in several roles find them, before axe and a ruler."""

import re
from collections import Counter, deque
from collections.abc import Callable
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser.conftest import Town
from tests.browser.everybody import trouble
from tests.permissions.table import ROWS

PEOPLE = {
    "visitor": None,
    "resident": "amina@riverside.demo",
    "facilitator": "bao@riverside.demo",
    "evaluator": "ewa@riverside.demo",
    "administrator": "adela@riverside.demo",
}
FOLLOWED, LOOKED_AT = 4, 1  # pages of one kind whose links are followed, and that are examined
NO_LINK_LEADS_THERE = {
    "account_inactive": "shown to people whose account was closed",
    "accounts:export_my_data": "a file",
    "accounts:welcome": "asked once, of somebody new: test_newcomer",
    "assemblies:invitation": "from a mail: test_newcomer",
    "assemblies:map": "a file",
    "assemblies:map_file": "a file",
    "assemblies:index": "leads on to the only assembly",
    "healthz": "for machines",
    "live:frame": "a fragment",
    "meetings:amend": "from a motion while the meeting goes on: test_meeting_screens",
    "meetings:calendar": "a file",
    "meetings:cancel": "after the proof: tests/meetings/test_typed_before_the_proof",
    "meetings:count_hands": "from the cockpit while an item is on: test_meeting_screens",
    "meetings:decisions_file": "a file",
    "meetings:document": "a file",
    "meetings:feed": "a file",
    "meetings:find_speaker": "from the cockpit where scripts are off: test_meeting_screens",
    "meetings:give_proxy": "where the meeting allows proxies: tests/meetings/test_proxies",
    "meetings:hands": "while hands are counted: test_meeting_screens",
    "meetings:join_code": "leads on to the meeting",
    "meetings:member_feed": "a file",
    "meetings:minutes_json": "a file",
    "meetings:minutes_markdown": "a file",
    "meetings:my_hand": "a fragment",
    "meetings:my_place": "a fragment",
    "meetings:my_vote": "a fragment",
    "meetings:open_pass": "from a person's pass: tests/meetings/test_desk",
    "meetings:put_motion": "from the cockpit while an item is on: test_meeting_screens",
    "meetings:stop_hands": "after the proof: tests/meetings/test_typed_before_the_proof",
    "meetings:void_decision": "after the proof: tests/meetings/test_typed_before_the_proof",
    "meetings:void_poll": "after the proof: tests/meetings/test_typed_before_the_proof",
    "mfa_add_webauthn": "offered over HTTPS only: tests/accounts",
    "mfa_generate_recovery_codes": "leads on to the codes",
    "mfa_reauthenticate": "asked before an act",
    "proposals:answer": "of a question to the author: tests/proposals/test_comments",
    "proposals:appeal_review": "of an author who was told No: tests/proposals/test_review_desk",
    "proposals:ask": "from an idea that is being checked: tests/proposals/test_comments",
    "proposals:ballot": "leads on to the poll: test_budget_story",
    "proposals:budget_import": "after sending a file: tests/proposals/test_budget_files",
    "proposals:card": "a file",
    "proposals:change": "from an idea of one's own: tests/proposals/test_versions",
    "proposals:check": "after writing an idea: test_budget_story",
    "proposals:co_sponsors": "from an idea of one's own: tests/proposals/test_co_sponsors",
    "proposals:co_sponsorship": "from a mail: tests/proposals/test_co_sponsors",
    "proposals:conditions": "from the desk, before the vote opens: tests/proposals/test_rules",
    "proposals:contact": "of somebody without a name: tests/proposals/test_submit_proposal",
    "proposals:edit": "while writing an idea: test_submission_story",
    "proposals:guess": "while writing an idea: test_submission_story",
    "proposals:import": "after uploading a file: tests/proposals/test_table_files",
    "proposals:merge": "of authors who are asked: tests/proposals/test_merging",
    "proposals:moderation_decision": "of somebody whose words were hidden: tests/proposals/test_moderation",
    "proposals:photo": "a file",
    "proposals:photos": "while writing an idea: test_submission_story",
    "proposals:project_photo": "a file",
    "proposals:report_comment": "from a comment: tests/proposals/test_comments",
    "proposals:report_incident": "from a project during the vote: tests/proposals/test_incidents",
    "proposals:results_csv": "a file",
    "proposals:results_pb": "a file",
    "proposals:send_again": "of an idea that was given back: tests/proposals/test_corrections",
    "proposals:sent": "after sending an idea: test_budget_story",
    "proposals:similar": "while writing an idea: test_submission_story",
    "proposals:similar_while_typing": "a fragment",
    "proposals:split_page": "of an author who is asked: tests/proposals/test_splitting",
    "proposals:stop_following": "from a mail: tests/proposals/test_follow",
    "proposals:split": "of an idea that is being checked: tests/proposals/test_splitting",
    "proposals:suggest_merge": "of an idea that is being checked: tests/proposals/test_merging",
    "proposals:table": "a file",
    "proposals:versions": "of an idea that was changed: tests/proposals/test_versions",
    "proposals:where": "while writing an idea: test_submission_story",
    "voting:board": "from a result: tests/voting/board/test_board_pages",
    "voting:bundle": "a file",
    "voting:check": "from the board: tests/voting/board/test_board_pages",
    "voting:full_bundle": "a file",
    "voting:log": "a file",
    "voting:names": "from the board: tests/voting/board/test_board_pages",
    "voting:change_poll": "after making a vote: test_desk",
    "voting:desk": "after making a vote: test_desk",
    "voting:poll": "from a ballot: test_budget_story",
    "voting:preview_poll": "after making a vote: test_desk",
    "voting:receipt": "after voting: test_budget_story",
    "voting:receipts": "a file",
    "voting:scrutineers": "from the board: tests/voting/board/test_board_pages",
    "voting:result": "from a receipt: test_budget_story",
    "voting:trustees": "of a secret vote: tests/voting/test_desk",
    "voting:with_code": "with a voter code: test_voter_code",
}
visited: Counter[str] = Counter()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_that_a_role_reaches_can_be_used_by_everybody(
    person: Callable[..., Page], town: Town, role: str
) -> None:
    page = person(PEOPLE[role])
    found: list[str] = []
    seen: Counter[str] = Counter()
    for name, url in reachable(page, town):
        seen[name] += 1
        visited[name] += 1
        if seen[name] <= LOOKED_AT and visited[name] <= 2 * LOOKED_AT:
            page.goto(url)
            found += trouble(page)
    assert seen, "no page was visited"
    assert not found, "\n".join(found)


def test_no_page_was_left_out() -> None:
    """Runs last: each URL name that answers a GET with a page was visited by somebody, or is listed above."""
    if not visited:
        pytest.skip("The pages were not visited in this run.")
    pages = {row.name for row in ROWS if "200" in row.expected.get("GET", {}).values()}
    missing = pages - set(visited) - set(NO_LINK_LEADS_THERE)
    assert not missing, f"no link leads to: {sorted(missing)}"


def reachable(page: Page, town: Town) -> list[tuple[str, str]]:
    """A few addresses of each URL name that can be reached from the home page by following links."""
    found: list[tuple[str, str]] = []
    times: Counter[str] = Counter()
    todo = deque([f"{town.url}/"])
    known = set(todo)
    while todo:
        url = todo.popleft()
        name = name_of(url)
        if times[name] >= FOLLOWED or NO_LINK_LEADS_THERE.get(name) == "a file":
            continue
        times[name] += 1
        answer = page.request.get(url)
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        if name_of(answer.url) == name:
            found.append((name, url))
        for link in re.findall(r'<a\b[^>]*?\bhref="([^"]+)"', answer.text()):
            target = urljoin(answer.url, unescape(link)).split("#")[0]
            if target.startswith(town.url) and target not in known:
                known.add(target)
                todo.append(target)
    return found


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return urlsplit(url).path
