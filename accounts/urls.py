# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import URLPattern, path

from . import demo, views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("sign-in/code/again/", views.send_code_again, name="send_code_again"),
    path("sign-in/other-address/", views.forget_sign_in, name="forget_sign_in"),
    path("welcome/", views.welcome, name="welcome"),
    path("me/", views.me, name="me"),
    path("me/profile/", views.save_profile, name="save_profile"),
    path("me/data.json", views.export_my_data, name="export_my_data"),
    path("me/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/second-factor/passkey/remove/", views.remove_passkey, name="remove_passkey"),
    path("privacy/", views.privacy, name="privacy"),
    path("demo/", demo.choose, name="demo"),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("demo/mail/", demo.mails, name="demo_mails"),
    path("demo/mail/<slug:name>/", demo.mail, name="demo_mail"),
]
