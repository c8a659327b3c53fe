# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import path

from .views import cycles, delivery, outcomes, proposing, reviewing, versions

app_name = "proposals"
urlpatterns = [
    path("a/<slug:slug>/budget/", cycles.cycles, name="cycles"),
    path("a/<slug:slug>/budget/new/", cycles.create_cycle, name="create_cycle"),
    path("cycles/<uuid:cycle_id>/", cycles.cycle, name="cycle"),
    path("cycles/<uuid:cycle_id>/manage/", cycles.manage, name="manage"),
    path("cycles/<uuid:cycle_id>/publish/", cycles.publish_cycle, name="publish_cycle"),
    path("cycles/<uuid:cycle_id>/start-phase/", cycles.start_phase, name="start_phase"),
    path("cycles/<uuid:cycle_id>/move-end/", cycles.move_end, name="move_end"),
    path("headings/<uuid:heading_id>/put-on-ballot/", cycles.put_on_ballot, name="put_on_ballot"),
    path("headings/<uuid:heading_id>/open-ballot/", cycles.open_ballot, name="open_ballot"),
    path("cycles/<uuid:cycle_id>/ballot/", cycles.ballot, name="ballot"),
    path("cycles/<uuid:cycle_id>/proposals/", proposing.proposals, name="proposals"),
    path("cycles/<uuid:cycle_id>/propose/", proposing.submit, name="submit"),
    path("proposals/<uuid:proposal_id>/", proposing.proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/edit/", proposing.edit, name="edit"),
    path("proposals/<uuid:proposal_id>/check/", proposing.check, name="check"),
    path("proposals/<uuid:proposal_id>/sent/", proposing.sent, name="sent"),
    path("proposals/<uuid:proposal_id>/withdraw/", proposing.withdraw, name="withdraw"),
    path("proposals/<uuid:proposal_id>/versions/", versions.versions, name="versions"),
    path("proposals/<uuid:proposal_id>/change/", versions.change, name="change"),
    path("cycles/<uuid:cycle_id>/desk/", reviewing.desk, name="desk"),
    path("proposals/<uuid:proposal_id>/review/", reviewing.review, name="review"),
    path("cycles/<uuid:cycle_id>/results/", outcomes.results, name="results"),
    path("cycles/<uuid:cycle_id>/results.csv", outcomes.results_csv, name="results_csv"),
    path("headings/<uuid:heading_id>/results.pb", outcomes.results_pb, name="results_pb"),
    path("cycles/<uuid:cycle_id>/delivery/", delivery.delivery, name="delivery"),
    path("projects/<uuid:project_id>/", delivery.project, name="project"),
    path("projects/<uuid:project_id>/milestone/", delivery.record_milestone, name="record_milestone"),
    path("projects/<uuid:project_id>/spending/", delivery.record_spending, name="record_spending"),
    path("projects/<uuid:project_id>/status/", delivery.set_status, name="set_status"),
]
