# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import path

from . import board_views, code_views, desk_urls, register_views, views
from .guide import views as guide

app_name = "voting"
urlpatterns = [
    path("vote/", code_views.enter_code, name="enter_code"),
    path("vote/mine/", code_views.with_code, name="with_code"),
    path("vote/done/", code_views.leave_code, name="leave_code"),
    path("polls/<uuid:poll_id>/register/", register_views.register, name="register"),
    path("polls/<uuid:poll_id>/register/change/", register_views.change_register, name="change_register"),
    path("polls/<uuid:poll_id>/register/share/", register_views.share_register, name="share_register"),
    path("polls/<uuid:poll_id>/register/alone/", register_views.stop_sharing, name="stop_sharing"),
    path("polls/<uuid:poll_id>/register/late/", register_views.admit_late, name="admit_late"),
    path("polls/<uuid:poll_id>/register/codes/", register_views.make_codes, name="make_codes"),
    path(
        "polls/<uuid:poll_id>/register/codes/<uuid:batch_id>/revoke/", register_views.revoke_codes, name="revoke_codes"
    ),
    path("polls/<uuid:poll_id>/register/codes/<uuid:batch_id>/card/", register_views.revoke_card, name="revoke_card"),
    path("rules/", guide.rules, name="rules"),
    path("rules/<slug:rule>/", guide.rule, name="rule"),
    path("protection/", views.protection, name="protection"),
    path("polls/<uuid:poll_id>/", views.poll, name="poll"),
    path("polls/<uuid:poll_id>/review/", views.review, name="review"),
    path("polls/<uuid:poll_id>/cast/", views.cast, name="cast"),
    path("polls/<uuid:poll_id>/receipt/", views.receipt, name="receipt"),
    path("polls/<uuid:poll_id>/result/", views.result, name="result"),
    path("polls/<uuid:poll_id>/receipt/mail/", board_views.mail_receipt, name="mail_receipt"),
    path("polls/<uuid:poll_id>/check/", board_views.check, name="check"),
    path("polls/<uuid:poll_id>/board/", board_views.board, name="board"),
    path("polls/<uuid:poll_id>/board/files/", board_views.bundle, name="bundle"),
    path("polls/<uuid:poll_id>/board/log/", board_views.log, name="log"),
    path("polls/<uuid:poll_id>/board/names/", board_views.names, name="names"),
    path("polls/<uuid:poll_id>/board/receipts/", board_views.receipts, name="receipts"),
    path("polls/<uuid:poll_id>/scrutineers/", board_views.scrutineers, name="scrutineers"),
    path("polls/<uuid:poll_id>/scrutineers/ballots/", board_views.full_bundle, name="full_bundle"),
    path("polls/<uuid:poll_id>/scrutineers/name/", board_views.name_scrutineer, name="name_scrutineer"),
    path("polls/<uuid:poll_id>/scrutineers/sign/", board_views.sign_count, name="sign_count"),
    path("polls/<uuid:poll_id>/scrutineers/<uuid:seat_id>/drop/", board_views.drop_scrutineer, name="drop_scrutineer"),
    *desk_urls.urlpatterns,
]
