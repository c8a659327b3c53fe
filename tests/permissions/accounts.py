"""Rows of the permission table for accounts; the notation is explained in rows.py.

Who is signed in is sent on from the pages of signing in, so a member's answer there is a redirect.
The demo's pages do not exist here: the tests run without DEMO (tests/accounts/test_demo.py visits them with it).
"""

from tests.permissions.rows import Place, Row, TopicRow, row

ROWS: list[Row] = [
    row(
        "account_login",
        get="302 visitor=200",
        post="302",
        data=lambda place: {"email": "someone@example.org"},
    ),
    row("account_confirm_login_code", get="302 visitor=login", post="302 visitor=login"),
    row("accounts:send_code_again", post="login"),
    row("accounts:forget_sign_in", post="login"),
    row("account_logout", post="302"),
    row("account_inactive", get="200"),
    row("mfa_login_webauthn", get="302 visitor=login", post="302 visitor=login"),
    row("mfa_authenticate", get="302 visitor=login", post="302 visitor=login"),
    # Whoever has a second factor, as staff do here, proves it again before changing it.
    row("mfa_index", get="200 visitor=login"),
    row("mfa_activate_totp", get="200 visitor=login staff=302", post="422 visitor=login staff=302"),
    row("mfa_deactivate_totp", get="404 visitor=login staff=302", post="404 visitor=login staff=302"),
    row("mfa_add_webauthn", get="200 visitor=login staff=302", post="422 visitor=login staff=302"),
    row("mfa_view_recovery_codes", get="404 visitor=login"),
    row("mfa_generate_recovery_codes", get="200 visitor=login staff=302", post="422 visitor=login staff=302"),
    row("mfa_reauthenticate", get="403 visitor=login staff=200", post="403 visitor=login staff=422"),
    row("mfa_reauthenticate_webauthn", get="403 visitor=login staff=302", post="403 visitor=login staff=302"),
    row("accounts:remove_passkey", post="404 visitor=login", data=lambda place: {"passkey": "1"}),
    row("accounts:welcome", get="200 visitor=login", post="422 visitor=login"),
    row("accounts:me", get="200 visitor=login"),
    row(
        "accounts:save_profile",
        post="302 visitor=login",
        data=lambda place: {"name": "Somebody", "language": "es"},
    ),
    row("accounts:save_profile", label="without a name", post="422 visitor=login"),
    row("accounts:export_my_data", get="200 visitor=login"),
    row("accounts:sign_out_everywhere", post="302 visitor=login"),
    row("accounts:privacy", get="200"),
    row("set_language", post="302", data=lambda place: {"language": "es"}),
    row("accounts:demo", get="404"),
    row("accounts:demo_sign_in", post="404", data=lambda place: {"email": "amina@riverside.demo"}),
    row("accounts:demo_mails", get="404"),
    row("accounts:demo_mail", args=lambda place: ["20260101-120000-1-0"], get="404", in_assembly=False),
]
TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """Accounts belong to no assembly: there is nothing to build."""
