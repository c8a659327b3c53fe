# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import URLPattern, URLResolver, include, path

from meetings.views import (
    agenda_acts,
    attending,
    attending_agenda,
    coming,
    decision_log,
    desk,
    documents,
    feeds,
    floor,
    frame,
    hands,
    motions,
    my_hand,
    pages,
    rehearsing,
    steering,
    votes,
)

app_name = "meetings"

of_item = [
    path("edit/", pages.edit_item, name="edit_item"),
    path("take-up/", steering.advance, name="advance"),
    path("remove/", steering.remove_item, name="remove_item"),
    path("outcome/", steering.note_outcome, name="note_outcome"),
]

of_poll = [
    path("open/", steering.open_poll, name="open_poll"),
    path("close/", steering.close_poll, name="close_poll"),
    path("reveal/", steering.reveal_poll, name="reveal_poll"),
    path("void/", steering.void_poll, name="void_poll"),
    path("remove/", steering.remove_poll, name="remove_poll"),
]

of_item_decisions = [
    path("vote/", votes.add_poll, name="add_poll"),
    path("quick-vote/", votes.quick_poll, name="quick_poll"),
    path("vote-without-quorum/", votes.poll_without_quorum, name="poll_without_quorum"),
    path("motion/", motions.put_motion, name="put_motion"),
    path("hands/", hands.count_hands, name="count_hands"),
]

of_decisions: list[URLPattern | URLResolver] = [
    path("agenda/<uuid:item_id>/", include(of_item_decisions)),
    path("polls/<uuid:poll_id>/start-closing/", votes.start_closing, name="start_closing"),
    path("polls/<uuid:poll_id>/keep-open/", votes.keep_open, name="keep_open"),
    path("votes/close-when-over/", votes.close_when_over, name="close_when_over"),
    path("polls/<uuid:poll_id>/runoff/", votes.runoff, name="runoff"),
    path("polls/<uuid:poll_id>/fallback/", votes.fallback, name="fallback"),
    path("motions/<uuid:motion_id>/", motions.motion, name="motion"),
    path("motions/<uuid:motion_id>/change/", motions.amend, name="amend"),
    path("motions/<uuid:motion_id>/end/", motions.end_motion, name="end_motion"),
    path("motions/<uuid:motion_id>/agree/", motions.agree, name="agree"),
    path(
        "motions/<uuid:motion_id>/changes/<uuid:amendment_id>/withdraw/",
        motions.withdraw_amendment,
        name="withdraw_amendment",
    ),
    path("hands/<uuid:count_id>/", hands.hands, name="hands"),
    path("hands/<uuid:count_id>/stop/", hands.stop_hands, name="stop_hands"),
    path("decisions/", decision_log.decisions, name="decisions"),
    path("decisions.json", decision_log.decisions_file, name="decisions_file"),
    path("decisions/<int:number>/who-was-there/", decision_log.who_was_there, name="who_was_there"),
    path("decisions/<int:number>/tie/", votes.break_tie, name="break_tie"),
    path("decisions/<int:number>/void/", votes.void_decision, name="void_decision"),
]

of_item_running = [
    path("turn/", agenda_acts.turn_item, name="turn_item"),
    path("extend/", agenda_acts.extend_item, name="extend_item"),
    path("postpone/", agenda_acts.postpone_item, name="postpone_item"),
    path("phase/", agenda_acts.set_phase, name="set_phase"),
    path("documents/", documents.documents, name="documents"),
    path("talk-about-it/", attending_agenda.object_to_consent, name="object_to_consent"),
]

of_agenda: list[URLPattern | URLResolver] = [
    path("agenda/place/", agenda_acts.place_item, name="place_item"),
    path("agenda/carry-over/", agenda_acts.carry_over, name="carry_over"),
    path("agenda/<uuid:item_id>/", include(of_item_running)),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/remove/", documents.remove_document, name="remove_document"),
    path("adopt-together/", agenda_acts.adopt_consent_group, name="adopt_consent_group"),
    path("reconvene/", agenda_acts.reconvene, name="reconvene"),
]

of_frame: list[URLPattern | URLResolver] = [
    path("undo/", frame.undo, name="undo"),
    path("drive/", frame.drive, name="drive"),
    path("drive/answer/", frame.answer, name="answer_driver"),
    path("drive/stop/", frame.stop, name="stop_driving"),
    path("cockpit/before/", frame.before, name="before"),
    path("scene/", frame.scene, name="scene"),
    path("paper/", frame.paper, name="paper"),
]

of_speakers = [
    path("next/", floor.call_next, name="call_next"),
    path("find/", floor.find_speaker, name="find_speaker"),
    path("add/<uuid:attendee_id>/", floor.raise_hand_for, name="raise_hand_for"),
    path("rules/", floor.queue_rules, name="queue_rules"),
    path("time/", floor.time_shares, name="time_shares"),
    path("list/<uuid:item_id>/", floor.set_queue, name="set_queue"),
    path("<uuid:entry_id>/call/", floor.call_speaker, name="call_speaker"),
    path("<uuid:entry_id>/pause/", floor.pause_speaker, name="pause_speaker"),
    path("<uuid:entry_id>/go-on/", floor.resume_speaker, name="resume_speaker"),
    path("<uuid:entry_id>/finish/", floor.finish_speaker, name="finish_speaker"),
    path("<uuid:entry_id>/missing/", floor.no_show, name="no_show"),
    path("<uuid:entry_id>/admit/", floor.admit_hand, name="admit_hand"),
    path("<uuid:entry_id>/decline/", floor.decline_hand, name="decline_hand"),
    path("<uuid:entry_id>/move/", floor.move_hand, name="move_hand"),
]

of_meeting: list[URLPattern | URLResolver] = [
    path("", pages.meeting, name="meeting"),
    path("calendar.ics", pages.calendar, name="calendar"),
    path("edit/", pages.edit, name="edit"),
    path("agenda/", pages.agenda, name="agenda"),
    path("agenda/add/", pages.add_item, name="add_item"),
    path("agenda/<uuid:item_id>/", include(of_item)),
    path("polls/<uuid:poll_id>/", include(of_poll)),
    path("speakers/", include(of_speakers)),
    path("live/", attending.live, name="live"),
    path("my-vote/", attending.my_vote, name="my_vote"),
    path("my-hand/", my_hand.my_hand, name="my_hand"),
    path("my-hand/raise/", my_hand.raise_hand, name="raise_hand"),
    path("my-hand/withdraw/", my_hand.withdraw_hand, name="withdraw_hand"),
    path("my-group/", my_hand.choose_group, name="choose_group"),
    path("screen/", attending.screen, name="screen"),
    path("cockpit/", steering.cockpit, name="cockpit"),
    path("schedule/", steering.schedule, name="schedule"),
    path("open-doors/", steering.open_doors, name="open_doors"),
    path("call-to-order/", steering.call_to_order, name="call_to_order"),
    path("recess/", steering.recess, name="recess"),
    path("resume/", steering.resume, name="resume"),
    path("adjourn/", steering.adjourn, name="adjourn"),
    path("cancel/", steering.cancel, name="cancel"),
    path("back/", steering.go_back, name="go_back"),
    path("blank/", steering.blank, name="blank"),
]

of_desk_person = [
    path("check-in/", desk.check_in, name="desk_check_in"),
    path("step-out/", desk.step_out, name="desk_step_out"),
    path("come-back/", desk.come_back, name="desk_come_back"),
    path("check-out/", desk.check_out, name="desk_check_out"),
    path("move/", desk.move, name="desk_move"),
    path("take-off-the-list/", desk.revoke, name="desk_revoke"),
    path("excuse/", desk.excuse, name="desk_excuse"),
    path("voting-right/", desk.verify, name="desk_verify"),
    path("group/", desk.put_into_group, name="desk_group"),
    path("proxy/", desk.give_proxy, name="give_proxy"),
]

of_people: list[URLPattern | URLResolver] = [
    path("my-place/", coming.my_place, name="my_place"),
    path("my-pass/", coming.my_pass, name="my_pass"),
    path("check-in/", coming.check_in, name="check_in"),
    path("check-out/", coming.check_out, name="check_out"),
    path("step-out/", coming.step_out, name="step_out"),
    path("come-back/", coming.come_back, name="come_back"),
    path("move/", coming.move, name="change_mode"),
    path("pass/<str:written>/", desk.open_pass, name="open_pass"),
    path("desk/", desk.desk, name="desk"),
    path("desk/list/", desk.whole_list, name="desk_list"),
    path("desk/guest/", desk.add_guest, name="desk_guest"),
    path("desk/proxies/<uuid:proxy_id>/take-back/", desk.revoke_proxy, name="revoke_proxy"),
    path("desk/people/<uuid:person_id>/", include(of_desk_person)),
]

of_rehearsal: list[URLPattern | URLResolver] = [
    path("rehearse/", rehearsing.rehearse, name="rehearse"),
    path("rehearsal/remove/", rehearsing.remove, name="remove_rehearsal"),
]

urlpatterns = [
    path("j/", coming.join, name="join"),
    path("j/<str:code>/", coming.join_code, name="join_code"),
    path("a/<slug:slug>/meetings/", pages.meetings, name="meetings"),
    path("a/<slug:slug>/meetings/new/", pages.create, name="create"),
    path("a/<slug:slug>/meetings.ics", feeds.feed, name="feed"),
    path("a/<slug:slug>/meetings/<str:token>.ics", feeds.member_feed, name="member_feed"),
    path("", include("meetings.minutes_urls")),
    path("meetings/<uuid:meeting_id>/", include(of_meeting)),
    path("meetings/<uuid:meeting_id>/", include(of_frame)),
    path("meetings/<uuid:meeting_id>/", include(of_decisions)),
    path("meetings/<uuid:meeting_id>/", include(of_agenda)),
    path("meetings/<uuid:meeting_id>/", include(of_people)),
    path("meetings/<uuid:meeting_id>/", include(of_rehearsal)),
]
