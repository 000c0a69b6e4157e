//! English.

use super::*;

pub(super) static WORDS: Words = Words {
    form: Form {
        email: "Email address",
        password: "Password",
        new_password: "New password",
        show: "Show",
        hide: "Hide",
        problems: "Please check this",
        busy: "One moment…",
        to_signin: "Back to sign-in",
    },
    strength: Strength {
        label: "Strength",
        levels: "Very weak|Weak|Fair|Good|Strong",
        rules: "What your password needs",
        met: "done",
    },
    reset: Reset {
        title: "Choose a new password",
        lead: "Only you will know it. Pasting and password managers are welcome.",
        code: "Code from the mail",
        code_hint: "The mail with the link also shows this code. Copy it and paste it here.",
        torn: "This code is not whole. Copy all of it from the mail and paste it here.",
        account: "Account",
        save: "Set new password",
        lives_until: "This link works until",
    },
    dead: Dead {
        title: "This link no longer works",
        why: "A link works once and for a limited time. This one was used, replaced by a newer one, or is too old. \
              Enter your email address and get another.",
        fresh: "Send me a fresh link",
    },
    done: Done {
        title: "Your password is changed",
        next: "Every device that was signed in is signed out. A mail confirms the change. Now sign in with the new \
               password.",
        not_you: "If this was not you, tell your administrator at once.",
        before: "Your password is changed already",
        before_next: "This link was used a few minutes ago: the password that was chosen then counts, and what was sent just \
                      now changed nothing. Sign in with it.",
    },
    sent: Sent {
        title: "Check your mail",
        what: "If this address belongs to an account, a link is on its way. It may take a few minutes. Nothing changes \
               until you open it and choose a new password.",
        nothing_there: "Nothing there? Look in the spam folder, check that you typed the address correctly, or ask your \
                        administrator.",
    },
    signin: SignIn {
        title: "Sign in",
        refused: "The email address or the password is not right.",
        forgot: "Forgot your password?",
    },
    signed_out: SignedOut { title: "You are signed out", next: "This browser no longer has access to your account." },
    forgot: Forgot {
        title: "Forgot your password?",
        lead: "Enter your email address. We will mail you a link with which you choose a new one.",
        send: "Send me a link",
    },
    account: Account {
        title: "Your account",
        sign_out: "Sign out",
        name: "Name",
        roles: "Roles",
        no_roles: "None",
        last_sign_in: "Last sign-in",
        change_password: "Change password",
        current_password: "Current password",
        wrong_password: "The current password is not right.",
        save_password: "Change password",
        changed: "Your password is changed. All your other sessions have ended.",
        sessions: "Sessions",
        address: "Address",
        started: "Started",
        last_seen: "Last seen",
        this_one: "This one",
        end: "End",
        end_others: "End all others",
    },
    mailbox: Mailbox {
        title: "Mailbox",
        lead: "Every mail of this development server lands here and nowhere else.",
        reload: "Reload",
        empty: "No mail yet.",
        from: "From",
        to: "To",
        at: "Time",
        open_link: "Open the link",
        text: "Text",
        html: "HTML",
    },
    error: Error {
        invalid: "This request could not be understood",
        forbidden: "You may not do this",
        not_found: "This page does not exist",
        too_many: "Too many attempts",
        unavailable: "We are busy right now",
        internal: "Something went wrong on our side",
        go_back: "Go back, check what you entered and try again.",
        ask_administrator: "If you need this, ask your administrator for the right.",
        check_address: "Check the address.",
        wait: "Wait a moment and try again.",
        try_again: "Nothing was changed. Try again; if it stays, give your administrator the request id.",
        home: "To your account",
        request_id: "Request id",
    },
};
